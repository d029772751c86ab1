import { randomUUID } from 'node:crypto';

import type { INodeParameters, ITriggerFunctions, ITriggerResponse } from 'n8n-workflow';

import { TrufflesInboxTrigger } from '../../nodes/TrufflesInboxTrigger/TrufflesInboxTrigger.node';
import { SalonDatabase } from '../support/salon-database';
import { eventually } from '../support/world';

const PURGE_EVERY_MS = 15 * 60_000;
const RECONCILE_EVERY_MS = 5 * 60_000;
const SILENT = { warn: () => undefined, error: () => undefined, info: () => undefined, debug: () => undefined };

let salon: SalonDatabase;
let started: ITriggerResponse | null = null;

beforeEach(async () => {
	salon = await SalonDatabase.start();
});
afterEach(async () => {
	jest.useRealTimers();
	await started?.closeFunction?.();
	started = null;
	await salon.stop();
});

/** Activates the trigger as a published workflow does. */
async function activate(parameters: INodeParameters = {}): Promise<void> {
	const context = {
		logger: SILENT,
		getMode: () => 'trigger',
		getNode: () => ({ name: 'Claim ready turns', type: 'trufflesInboxTrigger', typeVersion: 1 }),
		getNodeParameter: (name: string, fallback: unknown) => parameters[name] ?? fallback,
		getCredentials: async () => await Promise.resolve(salon.platformCredential),
		emit: () => undefined,
	};
	started = await new TrufflesInboxTrigger().trigger.call(context as unknown as ITriggerFunctions);
}

/** Only what happens every so often is the test's; the database works in real time. */
function fakeIntervals(): void {
	jest.useFakeTimers({
		doNotFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'nextTick', 'queueMicrotask', 'Date', 'performance'],
	});
}

/** A finished event of so many days ago. */
async function finishedEvent(ageDays: number): Promise<void> {
	await salon.admin.query(
		`insert into inbound_events (client_id, channel, provider_event_id, kind, lane_key, event, received_at, processed_at)
		 values ($1, 'whatsapp', $2, 'message', 'lane', '{}', now() - $3 * interval '1 day', now())`,
		[salon.clientId, randomUUID(), ageDays],
	);
}

async function agesLeft(): Promise<number[]> {
	const { rows } = await salon.admin.query<{ age: number }>(
		`select extract(day from now() - received_at)::int as age from inbound_events order by 1`,
	);
	return rows.map((row) => row.age);
}

const KEEPING = [
	{ name: 'thirty days when the field says nothing', parameters: {}, left: [9, 20] },
	{ name: 'as long as the field says', parameters: { keepEventsDays: 15 }, left: [9] },
] as const;
test.each(KEEPING)('the inbox trigger keeps finished events for $name', async ({ parameters, left }) => {
	for (const age of [9, 20, 40]) await finishedEvent(age);
	fakeIntervals();
	await activate(parameters);
	expect(await agesLeft()).toEqual([9, 20, 40]);
	jest.advanceTimersByTime(PURGE_EVERY_MS);
	await eventually('the old events are gone', async () => (await agesLeft()).length === left.length, 5_000);
	expect(await agesLeft()).toEqual(left);
});

test('the inbox trigger compares accepted messages with outcomes every five minutes, and alerts', async () => {
	await salon.admin.query(
		`insert into inbound_events (client_id, channel, provider_event_id, kind, lane_key, event, received_at)
		 values ($1, 'whatsapp', 'forgotten', 'message', 'lane', '{}', now() - interval '20 minutes')`,
		[salon.clientId],
	);
	fakeIntervals();
	await activate();
	jest.advanceTimersByTime(RECONCILE_EVERY_MS);
	await eventually('the alert', async () => {
		const { rows } = await salon.admin.query(
			`select 1 from error_logs where code = 'TRF_TURN_OVERDUE' and client_id = $1`,
			[salon.clientId],
		);
		return rows.length === 1;
	});
});

test.each([7, 0, 8.5])(
	'%p days are refused when the trigger starts: providers repeat for a week',
	async (keepEventsDays) => {
		await expect(activate({ keepEventsDays })).rejects.toThrow(
			/Keep Events must be a whole number of days, at least 8/,
		);
	},
);

test('a trigger that cannot start leaves no timer behind', async () => {
	fakeIntervals();
	salon.platformCredential['masterKey'] = 'too short';
	await expect(activate()).rejects.toThrow(/Master Key is not 32 bytes/);
	expect(jest.getTimerCount()).toBe(0);
});

test('the field cannot be set below eight days in the editor either', () => {
	const field = new TrufflesInboxTrigger().description.properties.find(({ name }) => name === 'keepEventsDays');
	expect(field).toMatchObject({ default: 30, typeOptions: { minValue: 8 } });
});
