/** How long a customer's message waits for the rest of its burst: from the words that the gateway gets to the due time. */
import { openTurn } from '../../lib/conversation/open-turn';
import { claimTurns } from '../../lib/inbox/inbox-store';
import { GatewayFixture } from '../support/gateway-fixture';

const SECRET = 'webhook-secret-of-a-test';
/** Between the database's clock at acceptance and at our question. */
const SPARE_MS = 500;

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

/** Milliseconds until the only conversation is due; `first` in the past makes the burst so old. */
async function dueMs(): Promise<number> {
	const { rows } = await gateway.inbox.admin.query<{ ms: number }>(
		'select (extract(epoch from due_at - clock_timestamp()) * 1000)::float8 as ms from conversation_lanes',
	);
	return rows[0]?.ms ?? Number.NaN;
}

async function makeOlder(ms: number): Promise<void> {
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
	const ms = await dueMs();
	expect(ms).toBeLessThanOrEqual(waitMs);
	expect(ms).toBeGreaterThan(waitMs - SPARE_MS);
});

test('each part of a burst lets it wait anew, but never longer than twelve seconds from the first', async () => {
	await say('Здравствуйте');
	await makeOlder(5_000);
	await say('я хотела спросить');
	expect(await dueMs()).toBeGreaterThan(6_000 - SPARE_MS);
	await makeOlder(5_000);
	await say('про');
	// Ten seconds have gone since the first part.
	const ms = await dueMs();
	expect(ms).toBeLessThanOrEqual(2_000);
	expect(ms).toBeGreaterThan(2_000 - SPARE_MS);
});

test('the question that completes a burst ends its wait early', async () => {
	await say('Здравствуйте');
	await say('Сколько стоит стрижка?');
	expect(await dueMs()).toBeLessThanOrEqual(1_500);
});

test("a business's own waits count", async () => {
	await gateway.configure({ burst: { completeMs: 200, fragmentMs: 900, maxMs: 1_000 } }, { webhook_secret: SECRET });
	await say('Здравствуйте');
	expect(await dueMs()).toBeLessThanOrEqual(900);
	await say('Сколько стоит стрижка?');
	expect(await dueMs()).toBeLessThanOrEqual(200);
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
