import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** What one suite counted. */
export interface SuiteTotals {
	readonly passed: number;
	readonly failed: number;
	readonly skipped: number;
}

/** In the order `npm test` runs them: what fails fastest comes first. */
export const SUITES = [
	'format',
	'lint',
	'types',
	'lint-workflows',
	'unit',
	'eval',
	'node',
	'integration',
	'mutations',
	'e2e',
	'chaos',
] as const;
/** Run when they are named: each takes minutes, and what they guard changes seldom. */
export const NAMED_SUITES = ['chaos-guards'] as const;
export type Suite = (typeof SUITES)[number] | (typeof NAMED_SUITES)[number];

/** Suites with stacks of their own: one file at a time. */
const IN_BAND: readonly Suite[] = ['e2e', 'mutations', 'chaos', 'chaos-guards'];

const REPOSITORY = path.resolve(__dirname, '..', '..');
const bin = (file: string): string => path.join(REPOSITORY, 'node_modules', file);

/** Suites that are one program with an exit code: each counts as one check. */
const PROGRAMS: Partial<Record<Suite, readonly string[]>> = {
	format: [bin('prettier/bin/prettier.cjs'), '--check', '--log-level', 'warn', '.'],
	lint: [bin('eslint/bin/eslint.js'), '.'],
	types: [bin('typescript/bin/tsc'), '--noEmit', '-p', 'tsconfig.json'],
	'lint-workflows': ['--require', 'ts-node/register', path.join(REPOSITORY, 'scripts', 'lint-workflows.ts')],
};

/** Runs a program under this Node with its output shown. Returns its exit code. */
export function runProgram(args: readonly string[], environment: NodeJS.ProcessEnv = process.env): Promise<number> {
	return new Promise((resolve) => {
		// Everything on stderr: the totals are this command's result on stdout.
		const child = spawn(process.execPath, [...args], { cwd: REPOSITORY, env: environment, stdio: ['ignore', 2, 2] });
		child.on('error', () => resolve(127));
		child.on('close', (code) => resolve(code ?? 1));
	});
}

/** Runs one suite and counts. A suite that dies before it can count has failed once. */
export async function runSuite(suite: Suite): Promise<SuiteTotals> {
	const program = PROGRAMS[suite];
	if (program !== undefined) {
		const code = await runProgram(program);
		return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0 };
	}
	const dir = mkdtempSync(path.join(tmpdir(), 'truffles-test-'));
	try {
		const resultFile = path.join(dir, 'result.json');
		const code = await runProgram([
			bin('jest/bin/jest.js'),
			'--selectProjects',
			suite,
			'--json',
			`--outputFile=${resultFile}`,
			'--passWithNoTests',
			...(IN_BAND.includes(suite) ? ['--runInBand'] : []),
			// Pure tests wait for nothing: every core may work.
			...(suite === 'unit' ? ['--maxWorkers=100%'] : []),
		]);
		return countJest(readJson(resultFile), code);
	} finally {
		rmSync(dir, { recursive: true, force: true });
	}
}

/** Reads the totals of `jest --json`. A file that could not run counts as one failure, and so does a missing report. */
export function countJest(report: unknown, exitCode: number): SuiteTotals {
	const count = (name: string): number => {
		const value = typeof report === 'object' && report !== null ? (report as Record<string, unknown>)[name] : undefined;
		return typeof value === 'number' ? value : 0;
	};
	const failed = count('numFailedTests') + count('numRuntimeErrorTestSuites');
	return {
		passed: count('numPassedTests'),
		failed: failed === 0 && exitCode !== 0 ? 1 : failed,
		skipped: count('numPendingTests') + count('numTodoTests'),
	};
}

function readJson(file: string): unknown {
	try {
		return JSON.parse(readFileSync(file, 'utf8'));
	} catch {
		return null;
	}
}
