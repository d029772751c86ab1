/** Each kill point is really where its name says: what is stored and sent at that moment, and how it ends, with the real n8n. */
import { randomUUID } from 'node:crypto';

import { Client } from 'pg';

import { type ChaosWorld, KILL_POINTS, type KillPoint, startChaosWorld } from '../../scripts/chaos/world/chaos-world';
import { eventually, newPhone, World } from '../support/world';

// Six kills, each with a start of n8n behind it; a busy machine takes several times longer than a quiet one.
jest.setTimeout(300_000);

const START_TIMEOUT_MS = 600_000;
const STOP_TIMEOUT_MS = 180_000;
const REACH_TIMEOUT_MS = 60_000;

let chaos: ChaosWorld;
let world: World;
let db: Client;

beforeAll(async () => {
	chaos = await startChaosWorld({ clients: 1, redis: true, onLine: () => undefined });
	world = new World(chaos.sandboxUrl);
	db = new Client({ connectionString: chaos.databaseAdminUrl });
	await db.connect();
	await db.query('set search_path = truffles');
}, START_TIMEOUT_MS);
afterAll(async () => {
	await db?.end();
	await chaos?.stop();
}, STOP_TIMEOUT_MS);

/** What is known of one message: rows that hold it, its turn, its reply. */
interface Trace {
	readonly stored: number;
	readonly attempt: number | null;
	readonly outcome: string | null;
	readonly sending: string | null;
}

async function traceOf(messageId: string): Promise<Trace> {
	const { rows } = await db.query<Trace>(
		`select count(distinct e.id)::int as stored, max(t.attempt) as attempt, max(t.outcome) as outcome, max(o.status) as sending
		   from inbound_events e left join turns t on t.id = e.turn_id left join outbox o on o.turn_id = t.id
		  where e.provider_event_id = $1`,
		[messageId],
	);
	return rows[0] as Trace;
}

const isListening = async (): Promise<boolean> =>
	await fetch(`${chaos.n8nUrl}/healthz`, { signal: AbortSignal.timeout(10_000) }).then(
		() => true,
		(error: Error) => error.name === 'TimeoutError',
	);

/** Ends the leases of a process that was killed, for which a test need not wait. */
async function endLeases(): Promise<void> {
	await db.query(`update conversation_lanes set lease_until = now() where active_turn_id is not null`);
}

async function expectOneReply(messageId: string, phone: string, seq: number): Promise<void> {
	await endLeases();
	const ended = await eventually('the outcome', async () => {
		const trace = await traceOf(messageId);
		return trace.outcome === null ? undefined : trace;
	});
	expect(ended).toMatchObject({ stored: 1, outcome: 'answered' });
	await eventually('the reply', async () => (await world.replies(phone, seq))[0]);
	expect(await world.replies(phone, seq)).toHaveLength(1);
}

/** Each is asked once in this file: an answer that is remembered calls no model. */
const MODEL_QUESTION = 'Можно прийти с ребёнком?';
const OTHER_MODEL_QUESTION = 'Сколько держится гель-лак?';
const FACTS_QUESTION = 'Сколько стоит маникюр с гель-лаком?';

interface Expectation {
	readonly point: KillPoint;
	readonly text: string;
	/** Whether the sender got its 200. */
	readonly isAnswered: boolean;
	/** Right after the kill, before anything is repeated. */
	readonly left: Partial<Trace>;
	readonly why: string;
}

const EXPECTATIONS: readonly Expectation[] = [
	{
		point: 'before_commit',
		text: FACTS_QUESTION,
		isAnswered: false,
		left: { stored: 0, attempt: null },
		why: 'nothing is stored, and the sender knows it',
	},
	{
		point: 'after_commit_before_answer',
		text: FACTS_QUESTION,
		isAnswered: false,
		left: { stored: 1 },
		why: 'it is stored, and the sender repeats it all the same',
	},
	{
		point: 'after_claim',
		text: FACTS_QUESTION,
		isAnswered: true,
		left: { stored: 1, attempt: 1, outcome: null, sending: null },
		why: 'the turn belongs to a dead process until its lease ends',
	},
	{
		point: 'after_model_call',
		text: MODEL_QUESTION,
		isAnswered: true,
		left: { stored: 1, attempt: 1, outcome: null, sending: null },
		why: 'the model was paid and its answer is lost',
	},
	{
		point: 'after_sending_before_marking',
		text: FACTS_QUESTION,
		isAnswered: true,
		left: { stored: 1, outcome: 'answered', sending: 'sending' },
		why: 'the customer has the reply, and nobody knows it',
	},
	{
		point: 'after_marking',
		text: FACTS_QUESTION,
		isAnswered: true,
		left: { stored: 1, outcome: 'answered', sending: 'sent' },
		why: 'all is done but the settling',
	},
];

test('every kill point is tried', () => {
	expect(EXPECTATIONS.map(({ point }) => point)).toEqual(KILL_POINTS);
});

test.each(EXPECTATIONS)('$point: $why', async ({ point, text, isAnswered, left }) => {
	const phone = newPhone();
	const messageId = randomUUID();
	const killed = chaos.killN8nAt(point, REACH_TIMEOUT_MS);
	const { seq, deliveries } = await world.say(phone, text, { messageId });
	const status = deliveries.at(-1)?.status;
	if (isAnswered) expect(status).toBe(200);
	else expect(status).toBeNull();
	// Looked at before n8n is up again: on a busy machine the dead process's leases may end before that.
	await eventually('n8n is down', async () => !(await isListening()), REACH_TIMEOUT_MS);
	expect(await traceOf(messageId)).toMatchObject(left);
	expect(await killed).toMatchObject({ reached: true });

	await world.say(phone, text, { messageId, retries: 20 });
	await expectOneReply(messageId, phone, seq);
});

test.each(KILL_POINTS)('a connection that is lost at %s costs nobody a reply, and gives nobody two', async (point) => {
	const phone = newPhone();
	const messageId = randomUUID();
	const cut = chaos.cutAt(point, REACH_TIMEOUT_MS);
	const text = point === 'after_model_call' ? OTHER_MODEL_QUESTION : FACTS_QUESTION;
	const { seq, deliveries } = await world.say(phone, text, { messageId, retries: 20 });
	expect(deliveries.at(-1)?.status).toBe(200);
	expect(await cut).toBe(true);
	await expectOneReply(messageId, phone, seq);
});
