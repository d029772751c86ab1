/** What "Fail turns" does with items that come out of an error output. */
import type { IDataObject } from 'n8n-workflow';

import { CLAIMED_TURN_SCHEMA } from '../../lib/inbox/work-item';
import { TrufflesConversation } from '../../nodes/TrufflesConversation/TrufflesConversation.node';
import { runNode } from '../support/run-node';
import { SalonDatabase } from '../support/salon-database';

let salon: SalonDatabase;

beforeAll(async () => {
	salon = await SalonDatabase.start();
}, 60_000);
afterAll(async () => {
	await salon?.stop();
});

async function failTurn(item: IDataObject, error: IDataObject): Promise<IDataObject | undefined> {
	const run = await runNode(new TrufflesConversation(), [{ ...item, error }], {
		parameters: { operation: 'failTurn' },
		credentials: { trufflesPlatformApi: salon.platformCredential },
	});
	expect(run.error).toBeNull();
	return run.json[0]?.[0];
}

async function outcomeOf(turnId: string): Promise<unknown> {
	const { rows } = await salon.admin.query<{ outcome: string | null }>('select outcome from turns where id = $1', [
		turnId,
	]);
	return rows[0]?.outcome;
}

const CASES = [
	{ name: 'that may pass is left for another attempt', code: 'TRF_DB_UNREACHABLE', attempt: 1, outcome: null },
	{ name: 'that nobody can name is left for another attempt', code: 'ERR_SOMETHING', attempt: 1, outcome: null },
	{ name: 'of the third attempt ends the turn', code: 'TRF_DB_UNREACHABLE', attempt: 3, outcome: 'handed_over' },
	{ name: 'that stays ends the turn at once', code: 'TRF_SETTINGS_INVALID', attempt: 1, outcome: 'handed_over' },
] as const;
test.each(CASES)('a failure $name', async ({ code, attempt, outcome }) => {
	const item = await salon.openTurn('сколько стоит стрижка?');
	await salon.admin.query('update turns set attempt = $2 where id = $1', [item.turn.id, attempt]);
	const failed = await failTurn({ ...item, turn: { ...item.turn, attempt } } as unknown as IDataObject, {
		code,
		message: 'x',
	});
	expect(await outcomeOf(item.turn.id)).toBe(outcome);
	expect((failed?.outcome as IDataObject | null)?.kind ?? null).toBe(outcome);
	const { rows } = await salon.admin.query('select 1 from outbox where turn_id = $1', [item.turn.id]);
	expect(rows).toHaveLength(outcome === null ? 0 : 1);
});

test('a turn that was not opened yet is left to the inbox trigger, which parks it in the end', async () => {
	const item = await salon.openTurn('вопрос');
	const claimed = {
		schema: CLAIMED_TURN_SCHEMA,
		turnId: item.turn.id,
		clientId: item.client.id,
		channel: 'whatsapp',
		laneKey: 'x',
		kind: 'user',
		attempt: 1,
	};
	await failTurn(claimed, { code: 'TRF_SECRET_UNREADABLE', message: 'x' });
	expect(await outcomeOf(item.turn.id)).toBeNull();
});
