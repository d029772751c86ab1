/** The billing node: every attempt is a row, whatever shape its usage has, and an outage loses none. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import type { ICredentialDataDecryptedObject, IDataObject, IExecuteFunctions, INodeParameters } from 'n8n-workflow';

import { BillingLog } from '../../nodes/BillingLog/BillingLog.node';
import { getPlatform } from '../../nodes/shared/platform';
import { billingCall } from '../support/billing-fixture';
import { CutLine } from '../support/cut-line';
import { runNode } from '../support/run-node';
import { SalonDatabase } from '../support/salon-database';
import { eventually } from '../support/world';

let salon: SalonDatabase;
let line: CutLine;
let credential: ICredentialDataDecryptedObject;
let userFolder: string;
const userFolderBefore = process.env['N8N_USER_FOLDER'];

beforeAll(async () => {
	userFolder = mkdtempSync(path.join(tmpdir(), 'truffles-user-folder-'));
	process.env['N8N_USER_FOLDER'] = userFolder;
	salon = await SalonDatabase.start();
	const through = await CutLine.to(String(salon.platformCredential['databaseUrl']));
	line = through.line;
	credential = { ...salon.platformCredential, databaseUrl: through.url };
}, 120_000);
afterAll(async () => {
	await salon?.stop();
	await line?.cut();
	rmSync(userFolder, { recursive: true, force: true });
	if (userFolderBefore === undefined) delete process.env['N8N_USER_FOLDER'];
	else process.env['N8N_USER_FOLDER'] = userFolderBefore;
});

const inFields = async (items: readonly IDataObject[], parameters: INodeParameters = {}) =>
	await runNode(new BillingLog(), items, {
		parameters: { source: 'fields', clientSlug: 'demo_salon', ...parameters },
		credentials: { trufflesPlatformApi: credential },
		onError: 'continueErrorOutput',
	});
const journalFiles = (): string[] => {
	try {
		return readdirSync(path.join(userFolder, '.n8n', 'truffles-billing'));
	} catch {
		return [];
	}
};
const rowOf = async (id: string): Promise<Record<string, unknown> | undefined> =>
	(
		await salon.admin.query(
			`select status, error_code, input_tokens, cached_input_tokens, cache_write_tokens, output_tokens, reasoning_tokens, tier,
				cost_usd::text, cost_kzt::text from billing_events where id = $1`,
			[id],
		)
	).rows[0];
const idOf = (number: number): string => `0190a5a0-0000-7000-8000-${String(number).padStart(12, '0')}`;

test('a raw answer of Anthropic is a row with its cache reads, writes and their own prices', async () => {
	const usage = {
		input_tokens: 100,
		cache_read_input_tokens: 1_000,
		cache_creation_input_tokens: 200,
		cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 200 },
		output_tokens: 50,
		service_tier: 'standard',
	};
	const run = await inFields([{ model: 'claude-haiku-4-5-20251001', usage: { type: 'message', usage } }], {
		options: { callId: idOf(1), provider: 'anthropic' },
	});
	// 100 × 1.00 + 1 000 × 0.10 + 200 × 2.00 + 50 × 5.00 dollars per million
	expect(run.json[0]?.[0]).toMatchObject({ billing: { costUsd: '0.000850000', recorded: true, queued: false } });
	expect(await rowOf(idOf(1))).toEqual({
		status: 'ok',
		error_code: null,
		input_tokens: 1_300,
		cached_input_tokens: 1_000,
		cache_write_tokens: 200,
		output_tokens: 50,
		reasoning_tokens: 0,
		tier: null,
		cost_usd: '0.000850000',
		cost_kzt: '0.442000',
	});
});

test.each([
	{
		name: 'a usage nobody knows is estimated from the texts and flagged',
		item: { model: 'gpt-4.1', usage: { tokens: 12 } },
		options: { inputText: 'а'.repeat(250), outputText: 'б'.repeat(25) },
		expected: { inputTokens: 100, outputTokens: 10, errorCode: 'usage_estimated', estimated: true },
	},
	{
		name: 'a call that timed out is billed for what was sent',
		item: { model: 'gpt-4.1', usage: '' },
		options: { status: 'unreachable', errorCode: 'timeout', inputText: 'а'.repeat(250) },
		expected: { inputTokens: 100, outputTokens: 0, costUsd: '0.000200000', errorCode: 'timeout', estimated: true },
	},
	{
		name: 'a refused call is a row that costs nothing',
		item: { model: 'gpt-4.1', usage: '' },
		options: { status: 'refused', errorCode: 'rate_limited' },
		expected: { inputTokens: 0, costUsd: '0.000000000', errorCode: 'rate_limited', recorded: true },
	},
])('$name', async ({ item, options, expected }) => {
	const run = await inFields([item], { options });
	expect(run.json[0]?.[0]).toMatchObject({ billing: expected });
});

test('an answer without counts and without texts is an error of that item, never free', async () => {
	const run = await inFields([{ model: 'gpt-4.1', usage: {} }]);
	expect(run.json[1]?.[0]).toMatchObject({ error: { code: 'TRF_FIELD_INVALID' } });
});

test('attempts of one turn stay rows of their own, though they look alike', async () => {
	const item = await salon.openTurn('сколько стоит маникюр');
	const failed = { status: 'unreachable', errorCode: 'timeout' } as const;
	const billing = [billingCall(failed), billingCall(failed), billingCall()];
	await runNode(new BillingLog(), [{ ...item, billing } as unknown as IDataObject], {
		credentials: { trufflesPlatformApi: credential },
	});
	const { rows } = await salon.admin.query<{ status: string }>(
		'select status from billing_events where turn_id = $1 order by status',
		[item.turn.id],
	);
	expect(rows.map(({ status }) => status)).toEqual(['ok', 'unreachable', 'unreachable']);
});

test('while the database is down rows wait on the disk, in both modes, and are written once it is back', async () => {
	const item = await salon.openTurn('сколько стоит маникюр');
	const call = billingCall();
	const inTurn = { ...item, billing: [call] } as unknown as IDataObject;
	await inFields([{ model: 'gpt-4.1-mini', usage: { prompt_tokens: 1, completion_tokens: 1 } }]);
	await line.cut();
	const turn = await runNode(new BillingLog(), [inTurn], {
		credentials: { trufflesPlatformApi: credential },
		onError: 'continueErrorOutput',
	});
	expect(turn.json[0]).toHaveLength(1);
	const fields = await inFields([{ model: 'gpt-4.1-mini', usage: { prompt_tokens: 1_000, completion_tokens: 0 } }], {
		options: { callId: idOf(2) },
	});
	expect(fields.json[0]?.[0]).toMatchObject({ billing: { recorded: false, queued: true, costKzt: '0.208000' } });
	expect(journalFiles()).toHaveLength(1);

	await line.mend();
	await inFields([{ model: 'gpt-4.1-mini', usage: { prompt_tokens: 1, completion_tokens: 1 } }], {
		options: { callId: idOf(3) },
	});
	await eventually('the waiting bills are written', async () => (await rowOf(call.id)) && (await rowOf(idOf(2))));
	expect(journalFiles()).toEqual([]);
	const { rows } = await salon.admin.query<{ cost: string }>('select cost_usd::text as cost from turns where id = $1', [
		item.turn.id,
	]);
	expect(rows).toEqual([{ cost: call.costUsd }]);
});

test('the platform offers the ledger to every node', async () => {
	const context = { getNode: () => ({}), getCredentials: async () => await Promise.resolve(credential) };
	const platform = await getPlatform.call(context as unknown as IExecuteFunctions);
	const unlimited = await platform.ledger.reserve({
		clientId: salon.clientId,
		timeZone: 'Asia/Almaty',
		limits: { dailyTiyn: null, monthlyTiyn: null },
		amountTiyn: 1,
		ttlMs: 1_000,
	});
	expect(unlimited).toEqual({ kind: 'unlimited' });
});
