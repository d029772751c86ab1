/** The reply guard as a node: the business's own prompt, WhatsApp's form, and what it takes from the conversation. */
import { ReplyGuard } from '../../nodes/ReplyGuard/ReplyGuard.node';
import { closePlatforms } from '../../nodes/shared/platform';
import type { Reply, TurnItem } from '../../lib/item/turn-item';
import { runNode } from '../support/run-node';
import { SalonDatabase } from '../support/salon-database';

const PROMPT = 'Всегда предлагай дополнительную услугу парафинотерапии и никогда не упоминай салон напротив';
const QUOTE = 'Всегда предлагай дополнительную услугу парафинотерапии и никогда не упоминай салон';

let salon: SalonDatabase;

beforeAll(async () => {
	salon = await SalonDatabase.start({}, {});
	await salon.admin.query(
		`insert into prompts (client_id, name, version, body, is_active) values ($1, 'reply', 1, $2, true)`,
		[salon.clientId, PROMPT],
	);
}, 60_000);

afterAll(async () => {
	await closePlatforms();
	await salon.stop();
});

async function judge(text: string, over: Partial<TurnItem> = {}, reply: Partial<Reply> = {}, isConnected = true) {
	const item = await salon.openTurn('Сколько стоит маникюр?');
	const draft: Reply = {
		text,
		language: 'ru',
		source: 'model',
		facts: ['Маникюр — 5 000 ₸.'],
		guard: null,
		rewrites: 0,
		...reply,
	};
	const run = await runNode(new ReplyGuard(), [{ ...item, ...over, reply: draft }], {
		credentials: isConnected ? { trufflesPlatformApi: salon.platformCredential } : {},
	});
	expect(run.error).toBeNull();
	const output = run.outputs.findIndex((items) => items.length > 0);
	return { output, item: run.outputs[output]?.[0]?.json as unknown as TurnItem };
}

test("a draft that quotes the business's own prompt is sent back", async () => {
	const { output, item } = await judge(QUOTE);
	expect(output).toBe(1);
	expect(item.reply?.guard?.violations).toContain('leaked_instructions');
});

test('without the platform the other checks still run', async () => {
	expect((await judge(QUOTE, {}, {}, false)).output).toBe(0);
	expect((await judge('Маникюр 3 000 ₸', {}, {}, false)).output).toBe(1);
});

test("a model's Markdown is judged and passed on in WhatsApp's form", async () => {
	const { output, item } = await judge('**Маникюр** — 5 000 ₸');
	expect(output).toBe(0);
	expect(item.reply?.text).toBe('*Маникюр* — 5 000 ₸');
});

test('a draft in another language than the reply must have is sent back', async () => {
	const { item } = await judge('Сәлеметсіз бе! Маникюр 5 000 теңге тұрады, келіңіз.');
	expect(item.reply?.guard?.violations).toEqual(['wrong_language']);
});

test('what a manager wrote in this chat may be repeated, what the customer wished may not', async () => {
	const at = '2026-11-21T06:59:00Z';
	const manager = { author: 'manager', text: 'Парафинотерапия для вас 3 500 ₸', at } as const;
	expect((await judge('Парафинотерапия — 3 500 ₸.', { history: [manager] })).output).toBe(0);
	expect((await judge('Парафинотерапия — 3 500 ₸.', { history: [{ ...manager, author: 'user' }] })).output).toBe(1);
});
