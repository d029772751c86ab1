import { readFileSync } from 'node:fs';
import path from 'node:path';

import { type BenchRow, isMissed } from '../../../scripts/bench/bench-row';
import { readTable, TABLE_BEGIN, TABLE_END, writeTable } from '../../../scripts/bench/results-table';
import { RowSheet, STACK_ROWS } from '../../../scripts/bench/stack-rows';

const DOCUMENT = path.join(__dirname, '..', '..', '..', 'docs', 'performance.md');

test.each<{ name: string; row: Partial<BenchRow>; expected: boolean }>([
	{ name: 'above the highest good value', row: { value: 101, bar: 100 }, expected: true },
	{ name: 'at the highest good value', row: { value: 100, bar: 100 }, expected: false },
	{ name: 'below the lowest good value', row: { value: 1.4, atLeast: 1.5 }, expected: true },
	{ name: 'at the lowest good value', row: { value: 1.5, atLeast: 1.5 }, expected: false },
	{ name: 'without a bar', row: { value: 5 }, expected: false },
	{ name: 'nothing was measured', row: { value: Number.NaN, atLeast: 1.5 }, expected: true },
])('a row is missed or not: $name', ({ row, expected }) => {
	expect(isMissed({ bench: 'flow', what: 'x', unit: 'x', value: 0, ...row })).toBe(expected);
});

test('writing replaces the rows of what was run, keeps those of the others, and touches nothing outside the markers', () => {
	const row = (bench: string, value: number): BenchRow => ({ bench, what: 'messages', value, unit: '1/s', atLeast: 2 });
	const empty = `before\n${TABLE_BEGIN}\n${TABLE_END}\nafter\n`;
	const first = writeTable(empty, [row('flow', 1), row('soak', 5)], 'first run');
	const second = writeTable(first, [row('flow', 3)], 'second run');
	expect(second.startsWith('before\n')).toBe(true);
	expect(second.endsWith('\nafter\n')).toBe(true);
	expect(readTable(second).map(({ line }) => line)).toEqual([
		'| soak | messages | 5 1/s | at least 2 1/s: reached | first run |',
		'| flow | messages | 3 1/s | at least 2 1/s: reached | second run |',
	]);
	expect(first).toContain('at least 2 1/s: **missed**');
});

test('a benchmark gives all of its rows, each once, and no other', () => {
	const sheet = new RowSheet('gateway');
	expect(() => sheet.set('something else', 1)).toThrow('no row');
	expect(() => sheet.rows()).toThrow('did not measure');
	for (const rows of Object.values(STACK_ROWS)) expect(new Set(rows.map(({ what }) => what)).size).toBe(rows.length);
});

test('the table of docs/performance.md has the rows that the benchmarks give', () => {
	const table = readTable(readFileSync(DOCUMENT, 'utf8'));
	for (const [bench, kinds] of Object.entries(STACK_ROWS)) {
		const written = table.filter((row) => row.bench === bench).map(({ what }) => what);
		if (written.length > 0) expect({ bench, written }).toEqual({ bench, written: kinds.map(({ what }) => what) });
	}
	expect(table.filter(({ bench }) => bench === 'flow')).not.toEqual([]);
});
