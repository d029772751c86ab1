/** The pump against a real PostgreSQL; executions are functions of the test. */
import { setTimeout as sleep } from 'node:timers/promises';

import { type InboxBatch, InboxPump, type InboxPumpOptions } from '../../lib/adapters/inbox-pump';
import { openTurn } from '../../lib/conversation/open-turn';
import { recordOutcome } from '../../lib/conversation/record-outcome';
import { claimTurns, type ClaimedTurn } from '../../lib/inbox/inbox-store';
import type { Db } from '../../lib/ports/db';
import { InboxFixture, readableKey } from '../support/inbox-fixture';
import { eventually } from '../support/world';

jest.setTimeout(60_000);

let fixture: InboxFixture;
let pump: InboxPump;
let batches: InboxBatch[];
let parked: ClaimedTurn[];
let problems: unknown[];
let run: (batch: InboxBatch) => Promise<void>;

beforeEach(async () => {
	fixture = await InboxFixture.start(3);
	batches = [];
	parked = [];
	problems = [];
	run = async () => undefined;
});
afterEach(async () => {
	await pump.stop(2_000);
	await fixture.stop();
});

async function start(options: Partial<InboxPumpOptions> = {}): Promise<void> {
	pump = new InboxPump({
		db: fixture.app,
		batchSize: 20,
		maxBatches: 4,
		leaseMs: 60_000,
		run: async (batch) => {
			batches.push(batch);
			await run(batch);
		},
		park: async (turn) => {
			parked.push(turn);
			await answer(turn);
		},
		onProblem: (error) => problems.push(error),
		...options,
	});
	await pump.start();
}

async function answer(turn: ClaimedTurn): Promise<void> {
	await fixture.app.asClient(turn.clientId, async (tx) => {
		await openTurn(tx, turn, () => readableKey);
		await recordOutcome(tx, turn, { kind: 'answered', reason: 'facts' });
	});
}

const answerAll = async (batch: InboxBatch): Promise<void> => {
	for (const turn of batch.turns) await answer(turn);
};
const turnsOf = (clientId: string): ClaimedTurn[] =>
	batches.flatMap((batch) => batch.turns).filter((turn) => turn.clientId === clientId);
const allAnswered = async (): Promise<boolean> =>
	(await fixture.count('turns')) > 0 && (await fixture.count('turns', 'outcome is null')) === 0;

test('a message wakes the sleeping pump at once', async () => {
	run = answerAll;
	await start();
	await sleep(300);
	const startedAt = performance.now();
	await fixture.receive('салем');
	await eventually('the turn has started', async () => batches.length === 1, 3_000);
	expect(performance.now() - startedAt).toBeLessThan(1_000);
	expect(problems).toEqual([]);
});

test('when it is quiet every turn has an execution of its own; under load they share executions', async () => {
	run = async (batch) => {
		await sleep(100);
		await answerAll(batch);
	};
	await start({ maxBatches: 2, batchSize: 10 });
	await fixture.receive('салем', { address: '1' });
	await eventually('the first turn is answered', allAnswered);
	expect(batches.map((batch) => batch.turns.length)).toEqual([1]);
	for (const clientId of fixture.clientIds) await fixture.fill(clientId, 20, 1_000);
	await fixture.receive('салем', { address: '2' });
	await eventually('all are answered', async () => (await fixture.count('turns', 'outcome is not null')) === 62);
	expect(Math.max(...batches.map((batch) => batch.turns.length))).toBe(10);
	expect(batches.length).toBeLessThan(16);
});

test('a client whose executions all hang keeps one place free for the others', async () => {
	const [noisy, quiet] = fixture.clientIds as [string, string];
	let release: () => void = () => undefined;
	const hanging = new Promise<void>((resolve) => {
		release = resolve;
	});
	run = async (batch) => {
		if (batch.turns.some((turn) => turn.clientId === noisy)) await hanging;
		await answerAll(batch);
	};
	await fixture.fill(noisy, 300, 90_000);
	await start({ maxBatches: 2, batchSize: 5 });
	await eventually('the noisy client has its executions', async () => turnsOf(noisy).length >= 10);
	for (let index = 0; index < 3; index += 1) {
		await fixture.receive('салем', { clientId: quiet, address: `${index}` });
		await eventually('the quiet client is answered', async () => turnsOf(quiet).length > index, 2_000);
	}
	expect(turnsOf(noisy)).toHaveLength(10);
	run = answerAll;
	release();
	await eventually('then the noisy client is served', allAnswered);
});

test('managers and resending have places of their own while customers fill all the others', async () => {
	let release: () => void = () => undefined;
	const hanging = new Promise<void>((resolve) => {
		release = resolve;
	});
	run = async (batch) => {
		if (batch.turns.length > 0) await hanging;
	};
	for (const clientId of fixture.clientIds) await fixture.fill(clientId, 50, 1_000);
	await start({ maxBatches: 2, batchSize: 5 });
	await eventually('the places are taken', async () => batches.length === 2);
	await fixture.admin.query(`update conversation_lanes set kind = 'manager' where lane_key = 'fill:50'`);
	await fixture.receive('ещё');
	await eventually('the managers were heard', async () => batches.flatMap((batch) => batch.handoverWork).length === 3);
	release();
});

test('a turn that cannot be parked keeps no other turn waiting', async () => {
	const [broken, healthy] = fixture.clientIds as [string, string];
	run = answerAll;
	await fixture.fill(broken, 1, 1_000);
	await fixture.admin.query(
		`with failed as (insert into turns (client_id, channel, lane_key, kind, attempt, received_at) values ($1, 'whatsapp', 'fill:1', 'user', 3, now()) returning id)
		 update conversation_lanes set active_turn_id = failed.id, lease_until = now(), due_at = null from failed`,
		[broken],
	);
	await fixture.receive('салем', { clientId: healthy });
	await start({
		park: async () => {
			throw new Error('settings cannot be read');
		},
	});
	await eventually('the other client is answered', async () => turnsOf(healthy).length === 1, 3_000);
	expect(await fixture.count('turns', `client_id = '${healthy}' and attempt > 1`)).toBe(0);
	expect(problems).toHaveLength(1);
});

test('a turn that fails again and again is tried three times and then parked at once', async () => {
	run = async () => {
		throw new Error('the execution failed');
	};
	await fixture.receive('вопрос');
	await start();
	await eventually('it waits for its second attempt', async () => batches.length === 1);
	for (const attempt of [2, 3]) {
		await eventually(
			'the execution is settled',
			async () => (await fixture.count('turns', `error_code = 'TRF_TURN_FAILED'`)) === 1,
		);
		await fixture.admin.query(`update turns set error_code = null`);
		await fixture.admin.query('update conversation_lanes set lease_until = now()');
		await fixture.admin.query(`notify truffles_inbox`);
		await eventually(`attempt ${attempt}`, async () => batches.length === attempt, 3_000);
	}
	await eventually('it is parked', async () => parked.length === 1, 3_000);
	expect(batches.flatMap((batch) => batch.turns.map((turn) => turn.attempt))).toEqual([1, 2, 3]);
	expect(parked[0]?.attempt).toBe(4);
});

test('an execution that takes much longer than the lease keeps its turns, and is settled when it has finished', async () => {
	let release: () => void = () => undefined;
	const working = new Promise<void>((resolve) => {
		release = resolve;
	});
	run = async (batch) => {
		await working;
		await answerAll(batch);
	};
	await fixture.receive('вопрос');
	await start({ leaseMs: 300 });
	await eventually('the turn has started', async () => batches.length === 1);
	await sleep(1_200);
	expect(await fixture.count('turns', `status = 'claimed' and attempt = 1 and error_code is null`)).toBe(1);
	// Nobody else gets it, and the next message of the customer waits for it.
	await fixture.receive('ещё вопрос');
	expect(await claimTurns(fixture.app, 10, 300)).toEqual([]);
	release();
	await eventually(
		'both turns are answered, one after the other',
		async () => (await fixture.count('turns', 'outcome is not null')) === 2,
	);
	expect(batches.map((batch) => batch.turns.map((turn) => turn.attempt))).toEqual([[1], [1]]);
	expect(problems).toEqual([]);
});

test('an execution that never ends gives its turns back and its place to others', async () => {
	run = async (batch) => {
		if (batch.turns.some((turn) => turn.attempt === 1 && turn.laneKey.endsWith(':lost')))
			await new Promise(() => undefined);
		await answerAll(batch);
	};
	await fixture.receive('вопрос', { address: 'lost' });
	await start({ maxBatches: 1, maxRunMs: 300 });
	await eventually('it runs again', allAnswered, 10_000);
	expect(await fixture.count('turns', 'attempt = 2')).toBe(1);
});

test('work that waits for something else is slept over, not polled', async () => {
	let questions = 0;
	const counting: Db = {
		query: async (text, params) => {
			questions += 1;
			return await fixture.app.query(text, params);
		},
		asClient: async (clientId, work) => await fixture.app.asClient(clientId, work),
		transaction: async (work) => await fixture.app.transaction(work),
		listen: async (channel, onNotify) => await fixture.app.listen(channel, onNotify),
		close: async () => undefined,
	};
	await fixture.receive('вопрос');
	const { rows } = await fixture.admin.query<{ turn_id: string }>(`select turn_id from claim_lanes(1, 60000)`);
	await answer({
		turnId: rows[0]?.turn_id as string,
		clientId: fixture.client,
		channel: 'whatsapp',
		laneKey: 'whatsapp:77010000001@s.whatsapp.net',
		kind: 'user',
		attempt: 1,
	});
	// A message whose channel was down for the moment, and one written after it.
	await fixture.admin.query(
		`insert into outbox (client_id, conversation_id, message_id, author, channel, status, next_attempt_at, idempotency_key)
		 select c.client_id, c.id, m.id, 'manager', 'whatsapp', 'queued', now() + place * interval '5 minutes', 'key ' || place
		   from conversations c join messages m on m.conversation_id = c.id cross join (values (1), (0)) as places (place)
		  order by place desc`,
	);
	await fixture.admin.query(
		`update outbox set created_at = now() - interval '1 minute' where idempotency_key = 'key 1'`,
	);
	await start({ db: counting });
	await sleep(1_500);
	expect(questions).toBeLessThanOrEqual(2);
	expect(batches).toEqual([]);
});
