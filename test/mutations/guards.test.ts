/** Each guard that protects money, privacy or sending is removed in turn; its tests must then fail. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import mutations from './mutations.json';

const root = path.resolve(__dirname, '../..');

interface Report {
	readonly numFailedTests: number;
	readonly numPassedTests: number;
	readonly numRuntimeErrorTestSuites: number;
}

function runWithout(index: number): Report {
	const mutation = mutations[index] as (typeof mutations)[number];
	const dir = mkdtempSync(path.join(tmpdir(), 'truffles-mutation-'));
	const file = path.join(dir, 'report.json');
	try {
		spawnSync(
			process.execPath,
			[
				path.join(root, 'node_modules/jest/bin/jest.js'),
				'--selectProjects',
				mutation.suite,
				'--runInBand',
				'--json',
				`--outputFile=${file}`,
				'--',
				mutation.test,
			],
			{ cwd: root, env: { ...process.env, TRUFFLES_MUTATION: String(index) }, stdio: 'ignore' },
		);
		return JSON.parse(readFileSync(file, 'utf8')) as Report;
	} finally {
		rmSync(dir, { recursive: true, force: true });
	}
}

test('the text of every guard occurs exactly once in its file', () => {
	const stale = mutations.filter(
		({ file, find }) => readFileSync(path.join(root, file), 'utf8').split(find).length !== 2,
	);
	expect(stale.map(({ guard }) => guard)).toEqual([]);
});

test.each(mutations.map((mutation, index) => ({ ...mutation, index })))(
	'without the guard "$guard" a test fails',
	({ index }) => {
		const report = runWithout(index);
		// A file that does not compile proves nothing: the tests must have run and disagreed.
		expect(report.numRuntimeErrorTestSuites).toBe(0);
		expect(report.numFailedTests).toBeGreaterThan(0);
	},
	120_000,
);
