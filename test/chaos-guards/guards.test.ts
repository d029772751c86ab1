/** The checker of `npm run chaos` without one guard after another: the matching column is not zero. */
import { readFileSync } from 'node:fs';
import path from 'node:path';

import { applyChaosSettings } from '../../scripts/chaos/chaos-settings';
import { BAD_COLUMNS } from '../../scripts/chaos/verdict';
import { type ChaosWorld, startChaosWorld } from '../../scripts/chaos/world/chaos-world';
import mutations from './mutations.json';
import { type Mutation, readFunction, runWithoutGuard, withoutGuard } from './remove-guard';
import { play, type ScenarioName } from './scenarios';

const LEASE = 'p_lease_ms * interval';
/** Longer than n8n's first heartbeat, which is 10 s after a claim: a running turn must not be given away. */
const SHORT_LEASE_MS = 12_000;

let world: ChaosWorld;

beforeAll(async () => {
	world = await startChaosWorld({ redis: true, onLine: (line) => void process.stderr.write(`  chaos: ${line}\n`) });
	await applyChaosSettings(world);
}, 600_000);
afterAll(async () => await world?.stop(), 120_000);

describe('the checker', () => {
	beforeAll(async () => {
		// A killed process gives its turns back when the lease ends; nobody wants to wait half a minute for that here.
		const claim = await readFunction(world, 'claim_lane', LEASE);
		await world.applySql(claim.replace(LEASE, `least(p_lease_ms, ${SHORT_LEASE_MS}) * interval`));
	});

	test('the text of every guard occurs exactly once in its file, and every column has one', () => {
		for (const mutation of mutations as readonly Mutation[])
			withoutGuard(readFileSync(path.join(__dirname, '..', '..', mutation.file), 'utf8'), mutation);
		expect(new Set(mutations.map(({ column }) => column))).toEqual(new Set(BAD_COLUMNS));
	});

	// The run of test/chaos kills n8n at these moments, and more.
	test('with every guard in its place the small streams are zero in every column', async () => {
		const calm = mutations.map(({ scenario }) => scenario as ScenarioName).filter((name) => !name.startsWith('killed'));
		const { bad } = await play(world, [...new Set(calm)]);
		expect(bad).toEqual(Object.fromEntries(BAD_COLUMNS.map((column) => [column, []])));
	}, 120_000);

	// SQL first: it needs no new start of n8n.
	const inOrder = (mutations as readonly Mutation[]).toSorted(
		(a, b) => Number(b.function !== undefined) - Number(a.function !== undefined),
	);
	test.each(inOrder)(
		'without the guard "$guard" the column $column is not zero',
		async (mutation) => {
			const verdict = await runWithoutGuard(world, mutation, async () =>
				play(world, [mutation.scenario as ScenarioName]),
			);
			expect(verdict.bad[mutation.column as keyof typeof verdict.bad].length).toBeGreaterThan(0);
		},
		240_000,
	);
});
