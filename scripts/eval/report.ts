/** `npm run eval -- report`: all evaluations on the sets of this repository, into docs/evaluation.md. */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Command, CommanderError } from 'commander';

import {
	dialogueRows,
	type FigureRow,
	figureTable,
	guardRows,
	injectionRows,
	intentRows,
	retrievalRows,
} from '../../lib/eval/figures';
import { REPOSITORY } from '../stack/state-folder';
import { EvalProblem } from './eval-problem';

const EXIT = { ok: 0, failed: 1, usage: 64 } as const;
const FILE = path.join(REPOSITORY, 'docs', 'evaluation.md');
const MARKS = { begin: '<!-- figures:begin -->', end: '<!-- figures:end -->' } as const;
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

interface Part {
	readonly args: readonly string[];
	/** Turns the evaluation's JSON into rows; the shapes are those of the commands themselves. */
	readonly rows: (figures: never) => readonly FigureRow[];
}

const PARTS: Readonly<Record<string, Part>> = {
	intents: { args: ['test/eval/intents.jsonl'], rows: intentRows },
	retrieval: { args: ['test/eval/retrieval'], rows: retrievalRows },
	guard: { args: ['test/eval/guard.jsonl'], rows: guardRows },
	injection: { args: ['test/eval/injection.jsonl'], rows: injectionRows },
	dialogues: { args: ['test/eval/dialogues'], rows: dialogueRows },
};

const HELP = `
Runs ${Object.keys(PARTS).join(', ')} on test/eval and writes their figures between the marks in docs/evaluation.md.
Times are not written: they belong to the machine. injection and dialogues start a whole stack each (some minutes).

Exit codes: 0 written, 1 an evaluation failed, 64 usage

Examples:
  npm run eval -- report
  npm run eval -- report --only intents,guard     rows of the other parts stay as they are`;

/** Entry point of the evaluation. */
export async function run(args: readonly string[]): Promise<number> {
	const program = new Command('npm run eval -- report')
		.description('Measures everything on the labelled sets of this repository and writes docs/evaluation.md.')
		.option('--only <parts>', 'parts, separated by commas')
		.addHelpText('after', HELP)
		.allowExcessArguments(false)
		.exitOverride();
	try {
		program.parse([...args], { from: 'user' });
	} catch (error) {
		if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
		throw error;
	}
	const only = program.opts<{ only?: string }>().only?.split(',') ?? Object.keys(PARTS);
	const unknown = only.filter((name) => !Object.hasOwn(PARTS, name));
	if (unknown.length > 0)
		throw new EvalProblem(`There is no part ${unknown.join(', ')}. Parts: ${Object.keys(PARTS).join(', ')}.`);
	const document = readFileSync(FILE, 'utf8');
	const kept = readRows(document).filter(({ part }) => !only.includes(part));
	const measured = only.flatMap((name) => measure(name));
	const rows = Object.keys(PARTS).flatMap((name) => [...measured, ...kept].filter(({ part }) => part === name));
	writeFileSync(FILE, replaceFigures(document, figureTable(rows)));
	process.stdout.write(`${figureTable(measured)}\n`);
	return await Promise.resolve(EXIT.ok);
}

function measure(name: string): readonly FigureRow[] {
	const part = PARTS[name] as Part;
	process.stderr.write(`=== ${name}\n`);
	const { status, stdout } = spawnSync(
		process.execPath,
		['--require', 'ts-node/register', path.join(REPOSITORY, 'scripts', 'eval.ts'), name, ...part.args, '--json'],
		{ cwd: REPOSITORY, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'], maxBuffer: MAX_OUTPUT_BYTES },
	);
	// Dialogues that do not go as written are a figure, not a failure of the measurement.
	if (stdout.trim() === '') throw new Error(`The evaluation ${name} printed nothing (exit code ${status}).`);
	return part.rows(JSON.parse(stdout) as never);
}

/** The rows that stand in the document now. */
export function readRows(document: string): readonly FigureRow[] {
	const block = document.slice(document.indexOf(MARKS.begin), document.indexOf(MARKS.end));
	return block.split('\n').flatMap((line) => {
		const cells = line.split('|').map((cell) => cell.trim());
		const [, part = '', figure = '', value = ''] = cells;
		return cells.length === 5 && Object.hasOwn(PARTS, part) ? [{ part, figure, value }] : [];
	});
}

function replaceFigures(document: string, table: string): string {
	const begin = document.indexOf(MARKS.begin);
	const end = document.indexOf(MARKS.end);
	if (begin < 0 || end < begin) throw new Error(`${FILE} has lost its marks ${MARKS.begin} and ${MARKS.end}.`);
	return `${document.slice(0, begin + MARKS.begin.length)}\n\n${table}\n\n${document.slice(end)}`;
}
