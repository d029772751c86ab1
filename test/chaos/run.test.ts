/** `npm run chaos` with 300 messages. */
import { applyChaosSettings } from '../../scripts/chaos/chaos-settings';
import { formatReport, isGood } from '../../scripts/chaos/chaos-text';
import { killName } from '../../scripts/chaos/faults';
import { type ChaosReport, runChaos } from '../../scripts/chaos/run-chaos';
import { BAD_COLUMNS } from '../../scripts/chaos/verdict';
import { type ChaosWorld, KILL_POINTS, startChaosWorld } from '../../scripts/chaos/world/chaos-world';

const MESSAGES = 300;
const SEED = 4;

let world: ChaosWorld;

beforeAll(async () => {
	world = await startChaosWorld({ redis: true, onLine: (line) => void process.stderr.write(`  chaos: ${line}\n`) });
	await applyChaosSettings(world);
}, 600_000);
afterAll(async () => await world?.stop(), 120_000);

describe(`a run of ${MESSAGES} messages`, () => {
	let report: ChaosReport;

	beforeAll(async () => {
		({ report } = await runChaos(world, { messages: MESSAGES, seed: SEED }));
		process.stderr.write(formatReport(report));
	}, 900_000);

	test('accepts every message, and every bad column is zero', () => {
		expect(report.verdict.bad).toEqual(Object.fromEntries(BAD_COLUMNS.map((column) => [column, []])));
		expect(isGood(report)).toBe(true);
		expect(report.verdict.accepted).toBe(MESSAGES);
	});

	test.each(KILL_POINTS)('killed n8n %s', (point) => {
		expect(report.faults.some(({ name, reached }) => reached && name === killName(point))).toBe(true);
	});

	test('answered, handed over and held under people', () => {
		for (const outcome of ['answered', 'handed_over', 'held', 'handled'])
			expect(report.verdict.outcomes[outcome]).toBeGreaterThan(0);
		expect(report.verdict.takeovers).toBeGreaterThan(0);
	});
});
