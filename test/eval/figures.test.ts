/** docs/evaluation.md says what the code does today, and the code does not fall behind what it once reached. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';

import {
	guardRows,
	type FigureRow,
	type GuardFigures,
	type IntentFigures,
	intentRows,
	type RetrievalFigures,
	retrievalRows,
} from '../../lib/eval/figures';
import { readRows } from '../../scripts/eval/report';

jest.setTimeout(120_000);

const REPOSITORY = path.resolve(__dirname, '..', '..');
const DOCUMENTED = readRows(readFileSync(path.join(REPOSITORY, 'docs', 'evaluation.md'), 'utf8'));

function measure<T>(...args: readonly string[]): T {
	const { stdout, stderr, status } = spawnSync(
		process.execPath,
		['--require', 'ts-node/register', path.join(REPOSITORY, 'scripts', 'eval.ts'), ...args, '--json'],
		{
			cwd: REPOSITORY,
			encoding: 'utf8',
			maxBuffer: 64 * 1024 * 1024,
			env: { ...process.env, NODE_OPTIONS: '', TS_NODE_PROJECT: path.join(REPOSITORY, 'tsconfig.json') },
		},
	);
	if (status !== 0) throw new Error(`npm run eval -- ${args.join(' ')} ended with ${status}: ${stderr.slice(-500)}`);
	return JSON.parse(stdout) as T;
}

const documented = (part: string): readonly FigureRow[] => DOCUMENTED.filter((row) => row.part === part);

test('intents: as documented, and eight of ten main intents are right', () => {
	const figures = measure<IntentFigures>('intents', 'test/eval/intents.jsonl');
	expect(intentRows(figures)).toEqual(documented('intents'));
	expect(figures.accuracy.count / figures.accuracy.of).toBeGreaterThan(0.8);
	expect(figures.accuracyWithoutModel.count / figures.accuracyWithoutModel.of).toBeGreaterThan(0.88);
});

test('retrieval: as documented, and nine of ten answers are among the first five', () => {
	const figures = measure<RetrievalFigures>('retrieval', 'test/eval/retrieval');
	expect(retrievalRows(figures)).toEqual(documented('retrieval'));
	expect(figures.metrics['recall@5']).toBeGreaterThan(0.88);
});

test('guard: as documented', () => {
	const figures = measure<GuardFigures>('guard', 'test/eval/guard.jsonl');
	expect(guardRows(figures)).toEqual(documented('guard'));
	expect(figures.falsePasses.count / figures.falsePasses.of).toBeLessThan(0.2);
	expect(figures.falseAlarms.count / figures.falseAlarms.of).toBeLessThan(0.12);
});
