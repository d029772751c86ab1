/** How long a customer's message waits for the rest of its burst: from the words that the gateway gets to the due time. */
import { openTurn } from '../../lib/conversation/open-turn';
import { claimTurns } from '../../lib/inbox/inbox-store';
import { GatewayFixture } from '../support/gateway-fixture';

const SECRET = 'webhook-secret-of-a-test';
let gateway: GatewayFixture;
let count = 0;

beforeEach(async () => {
	gateway = await GatewayFixture.start(2);
	for (const clientId of gateway.inbox.clientIds) await gateway.configure({}, { webhook_secret: SECRET }, clientId);
});
afterEach(async () => {
	await gateway.stop();
});

async function say(text: string, { client = 'salon_0', ...more }: Record<string, unknown> & { client?: string } = {}) {
	count += 1;
	const body = {
		messageType: 'text',
		message: text,
		metadata: { messageId: `BURST${count}`, remoteJid: '77010000001@s.whatsapp.net' },
		...more,
	};
	const response = await gateway.post(JSON.stringify(body), {
		clientSlug: client,
		headers: { 'x-webhook-secret': SECRET },
	});
	expect(response.status).toBe(200);
}

/** Milliseconds from the last message, and from the first one, to the due time of the only conversation. */
async function waits(): Promise<{ fromLast: number; fromFirst: number }> {
	const { rows } = await gateway.inbox.admin.query<{ from_last: number; from_first: number }>(
		`select (extract(epoch from due_at - (select max(received_at) from inbound_events)) * 1000)::int as from_last,
		        (extract(epoch from due_at - first_at) * 1000)::int as from_first
		   from conversation_lanes`,
	);
	return { fromLast: rows[0]?.from_last ?? Number.NaN, fromFirst: rows[0]?.from_first ?? Number.NaN };
}

/** As if the customer had begun so much earlier. */
async function beginEarlier(ms: number): Promise<void> {
	await gateway.inbox.admin.query(
		`update conversation_lanes set first_at = first_at - $1 * interval '1 millisecond', due_at = due_at - $1 * interval '1 millisecond'`,
		[ms],
	);
}

const ALONE: ReadonlyArray<{ text: string; waitMs: number; why?: string }> = [
	{ text: 'Сколько стоит маникюр с гель-лаком?', waitMs: 1_500 },
	{ text: 'Маникюр қанша тұрады?', waitMs: 1_500 },
	{ text: 'позовите администратора', waitMs: 1_500, why: 'a finished request without a question mark' },
	{ text: 'Здравствуйте', waitMs: 6_000 },
	{ text: 'Сәлеметсіз бе', waitMs: 6_000 },
	{ text: 'а сколько', waitMs: 6_000 },
	{ text: 'хочу записаться на маникюр и', waitMs: 6_000, why: 'it breaks off' },
	{ text: '👍', waitMs: 6_000 },
];
test.each(ALONE)('"$text" waits $waitMs ms', async ({ text, waitMs }) => {
	await say(text);
	expect(await waits()).toEqual({ fromLast: waitMs, fromFirst: waitMs });
});

test('each part of a burst lets it wait anew, but never longer than twelve seconds from the first', async () => {
	await say('Здравствуйте');
	await beginEarlier(5_000);
	await say('я хотела спросить');
	expect((await waits()).fromLast).toBe(6_000);
	await beginEarlier(4_000);
	await say('про');
	const { fromLast, fromFirst } = await waits();
	expect(fromFirst).toBe(12_000);
	expect(fromLast).toBeLessThan(3_100);
});

test('the question that completes a burst ends its wait early', async () => {
	await say('Здравствуйте');
	await say('Сколько стоит стрижка?');
	expect((await waits()).fromLast).toBe(1_500);
});

test("a business's own waits count", async () => {
	await gateway.configure({ burst: { completeMs: 200, fragmentMs: 900, maxMs: 1_000 } }, { webhook_secret: SECRET });
	await say('Здравствуйте');
	expect((await waits()).fromLast).toBe(900);
	await say('Сколько стоит стрижка?');
	expect((await waits()).fromLast).toBe(200);
});

test('a customer who writes to two businesses at once has two bursts, each with its own words', async () => {
	await say('Здравствуйте', { client: 'salon_0' });
	await say('Сколько стоит стрижка?', { client: 'salon_1' });
	await say('А маникюр?', { client: 'salon_0' });
	await gateway.inbox.admin.query('update conversation_lanes set due_at = clock_timestamp()');
	const claims = await claimTurns(gateway.inbox.app, 10, 60_000);
	const texts = new Map<string, string>();
	for (const claim of claims) {
		const slug = claim.clientId === gateway.inbox.clientIds[0] ? 'salon_0' : 'salon_1';
		const client = await gateway.ports.resolveClient(slug);
		if (client === null) throw new Error('no client');
		const opened = await gateway.inbox.app.asClient(
			claim.clientId,
			async (tx) => await openTurn(tx, claim, () => client.key),
		);
		if (opened.kind === 'ready') texts.set(slug, opened.item.text);
	}
	expect(Object.fromEntries(texts)).toEqual({
		salon_0: 'Здравствуйте\nА маникюр?',
		salon_1: 'Сколько стоит стрижка?',
	});
});
