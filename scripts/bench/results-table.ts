/** The table of docs/performance.md, written by `npm run bench -- --write`. */
import { execFileSync } from 'node:child_process';
import { cpus, totalmem } from 'node:os';

import { barText, type BenchRow, isMissed } from './bench-row';

export const TABLE_BEGIN = '<!-- bench:begin -->';
export const TABLE_END = '<!-- bench:end -->';

const BYTES_PER_GB = 1_073_741_824;

/** Commit and machine. To be asked before the first result is written: the table is a file of the commit, too. */
export function describeSource(): string {
	const [cpu] = cpus();
	const git = (...args: string[]): string => execFileSync('git', args, { encoding: 'utf8' }).trim();
	const commit = git('rev-parse', '--short', 'HEAD');
	const isChanged = git('status', '--porcelain', '--untracked-files=no') !== '';
	const machine = `${cpus().length} cores (${cpu?.model.trim() ?? 'unknown'}), ${Math.round(totalmem() / BYTES_PER_GB)} GB, ${process.platform}, Node ${process.versions.node}`;
	return `commit ${commit}${isChanged ? ' with changes' : ''}; ${machine}`;
}

/** Time and source of a run. */
export function describeRun(now: Date, source: string, quick: boolean): string {
	return `${now.toISOString().slice(0, 16).replace('T', ' ')} UTC, ${source}${quick ? '; short times, smaller numbers (--quick)' : ''}.`;
}

/** Replaces what stands between the markers. Rows of benchmarks that were not run stay as they are. @throws Error without the markers */
export function writeTable(document: string, rows: readonly BenchRow[], run: string): string {
	const begin = document.indexOf(TABLE_BEGIN);
	const end = document.indexOf(TABLE_END);
	if (begin < 0 || end < begin) throw new Error(`the document has no ${TABLE_BEGIN} ... ${TABLE_END}`);
	const measured = new Set(rows.map(({ bench }) => bench));
	const kept = readTable(document).filter(({ bench }) => !measured.has(bench));
	const lines = [
		...kept.map(({ line }) => line),
		...rows.map(
			(row) => `| ${row.bench} | ${row.what} | ${figureText(row.value)} ${row.unit} | ${verdict(row)} | ${run} |`,
		),
	];
	const head = ['| benchmark | what | figure | bar | measured |', '| --- | --- | --- | --- | --- |'];
	return `${document.slice(0, begin + TABLE_BEGIN.length)}\n\n${[...head, ...lines].join('\n')}\n\n${document.slice(end)}`;
}

/** The rows between the markers. */
export function readTable(document: string): Array<{ bench: string; what: string; line: string }> {
	const table = document.slice(document.indexOf(TABLE_BEGIN), document.indexOf(TABLE_END));
	return table
		.split('\n')
		.filter((line) => line.startsWith('| ') && !line.startsWith('| benchmark') && !line.startsWith('| ---'))
		.map((line) => {
			const [, bench = '', what = ''] = line.split('|').map((cell) => cell.trim());
			return { bench, what, line };
		});
}

function verdict(row: BenchRow): string {
	const text = barText(row);
	return text === '' ? '' : `${text}: ${isMissed(row) ? '**missed**' : 'reached'}`;
}

function figureText(value: number): string {
	return Math.abs(value) >= 100 || Number.isInteger(value)
		? String(Math.round(value))
		: value.toFixed(value < 10 ? 2 : 1);
}
