/** Each guard that protects money, privacy or sending is removed in turn; its tests must then fail. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';

import list from './mutations.json';

const root = path.resolve(__dirname, '../..');

interface Mutation {
	readonly guard: string;
	readonly file: string;
	readonly find: string;
	readonly replace: string;
	readonly suite: string;
	readonly test: string;
	/** Full name of a test that notices; the others of the file are left out. Absent: all of them run. */
	readonly by?: string;
}

const mutations: readonly Mutation[] = list;

/** A test's name as a pattern that matches nothing else. */
const escapeForPattern = (name: string): string => name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

interface Report {
	readonly numFailedTests: number;
	readonly numPassedTests: number;
	readonly numRuntimeErrorTestSuites: number;
}

/** Runs the tests of one mutation, again when they could not run at all: a mutation that does not compile fails both times. */
async function runWithout(index: number): Promise<Report> {
	const report = await runOnce(index);
	return report.numRuntimeErrorTestSuites === 0 ? report : await runOnce(index);
}

/** A run that left no report counts as one that could not run. */
async function runOnce(index: number): Promise<Report> {
	const mutation = mutations[index] as Mutation;
	const dir = mkdtempSync(path.join(tmpdir(), 'truffles-mutation-'));
	const file = path.join(dir, 'report.json');
	try {
		await new Promise((resolve) => {
			const child = spawn(
				process.execPath,
				[
					path.join(root, 'node_modules/jest/bin/jest.js'),
					'--selectProjects',
					mutation.suite,
					'--runInBand',
					// A test that fails in the middle may leave a server open; its run ends all the same.
					'--forceExit',
					'--json',
					`--outputFile=${file}`,
					// Behind the dashes everything is a path, this option too.
					...(mutation.by === undefined ? [] : ['--testNamePattern', `^${escapeForPattern(mutation.by)}$`]),
					'--',
					mutation.test,
				],
				{ cwd: root, env: { ...process.env, TRUFFLES_MUTATION: String(index) }, stdio: 'ignore' },
			);
			child.once('close', resolve);
			child.once('error', resolve);
		});
		return JSON.parse(readFileSync(file, 'utf8')) as Report;
	} catch {
		return { numFailedTests: 0, numPassedTests: 0, numRuntimeErrorTestSuites: 1 };
	} finally {
		rmSync(dir, { recursive: true, force: true });
	}
}

/** As many at a time as the machine has cores; each has a database of its own. */
const lanes: Array<Promise<unknown>> = Array.from({ length: availableParallelism() }, () => Promise.resolve());
const reports: Array<Promise<Report>> = [];
function startAll(): void {
	let next = 0;
	const settle: Array<(report: Report) => void> = [];
	mutations.forEach((_mutation, index) => {
		reports[index] = new Promise((resolve) => (settle[index] = resolve));
	});
	lanes.forEach((_lane, lane) => {
		lanes[lane] = (async () => {
			for (let index = next++; index < mutations.length; index = next++) settle[index]?.(await runWithout(index));
		})();
	});
}

beforeAll(startAll);
afterAll(async () => await Promise.all(lanes), 600_000);

test('the text of every guard occurs exactly once in its file', () => {
	const stale = mutations.filter(
		({ file, find }) => readFileSync(path.join(root, file), 'utf8').split(find).length !== 2,
	);
	expect(stale.map(({ guard }) => guard)).toEqual([]);
});

test.each(mutations.map((mutation, index) => ({ ...mutation, index })))(
	'without the guard "$guard" a test fails',
	async ({ index }) => {
		const report = await (reports[index] as Promise<Report>);
		// A file that does not compile proves nothing: the tests must have run and disagreed.
		expect(report.numRuntimeErrorTestSuites).toBe(0);
		// None ran: no test has the name in "by" any more.
		expect(report.numFailedTests + report.numPassedTests).toBeGreaterThan(0);
		expect(report.numFailedTests).toBeGreaterThan(0);
	},
	600_000,
);
