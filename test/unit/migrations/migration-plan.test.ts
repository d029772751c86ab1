import { createHash } from 'node:crypto';
import {
	buildChecksums,
	migrationChecksum,
	planMigrations,
	type MigrationFile,
} from '../../../lib/migrations/migration-plan';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const file = (name: string, sql = 'select 1;'): MigrationFile => ({
	name,
	sql: `-- why: x\n-- breaking: no\n-- lock: none\n-- undo: none\n${sql}`,
});
const applied = (...files: MigrationFile[]) =>
	files.map(({ name, sql }) => ({ name, checksum: migrationChecksum(sql, sha256) }));
const A = file('0001_a.sql');
const B = file('0002_b.sql');
const C = file('0003_c.sql');

test('pending files run in the order of their numbers, whatever order they were read in', () => {
	const plan = planMigrations([C, A, B], buildChecksums([A, B, C], sha256), applied(A), sha256);
	expect(plan.pending.map(({ name }) => name)).toEqual(['0002_b.sql', '0003_c.sql']);
	expect(plan.problems).toEqual([]);
});

test('nothing is pending as long as there is one problem', () => {
	const plan = planMigrations([A, B, C], buildChecksums([A, B], sha256), [], sha256);
	expect(plan.pending).toEqual([]);
});

test('the checksum of a file changes when any file before it changes', () => {
	const lines = buildChecksums([A, B, C], sha256).split('\n');
	const changed = buildChecksums([file('0001_a.sql', 'select 2;'), B, C], sha256).split('\n');
	expect(lines.filter((line, index) => line !== '' && line === changed[index])).toEqual([]);
});

test('two branches that each add a file disagree on the same line', () => {
	const ours = buildChecksums([A, file('0002_ours.sql')], sha256).split('\n');
	const theirs = buildChecksums([A, file('0002_theirs.sql')], sha256).split('\n');
	expect([ours[0], ours[1]]).not.toEqual([theirs[0], theirs[1]]);
	expect(ours[0]).toBe(theirs[0]);
});

const cases = [
	{
		name: 'an edited file',
		files: [file('0001_a.sql', 'select 2;')],
		done: applied(A),
		expected: ['edited 0001_a.sql'],
	},
	{ name: 'a missing applied file', files: [B], done: applied(A, B), expected: ['missing 0001_a.sql'] },
	{ name: 'a late number', files: [A, B, C], done: applied(A, C), expected: ['out_of_order 0002_b.sql'] },
	{
		name: 'one number used twice',
		files: [A, file('0001_b.sql')],
		done: [],
		expected: ['duplicate_number 0001_b.sql'],
	},
	{ name: 'a name without a number', files: [A, file('fix.sql')], done: applied(A), expected: ['bad_name fix.sql'] },
	{
		name: 'a missing header line',
		files: [{ name: '0001_a.sql', sql: '-- why: x\n-- lock: none\n-- breaking: no\nselect 1;' }],
		done: [],
		expected: ['bad_header 0001_a.sql'],
	},
] as const;
for (const { name, files, done, expected } of cases) {
	test(`${name} is a problem`, () => {
		const plan = planMigrations(files, buildChecksums(files, sha256), done, sha256);
		expect(plan.problems.map((problem) => `${problem.kind} ${problem.name}`)).toEqual(expected);
		expect(plan.pending).toEqual([]);
	});
}

const chains = [
	{ name: 'an empty checksums file', checksums: '', expected: '0001_a.sql' },
	{ name: 'a line too few', checksums: buildChecksums([A], sha256), expected: '0002_b.sql' },
	{ name: 'a line too many', checksums: buildChecksums([A, B, C], sha256), expected: '0003_c.sql' },
] as const;
for (const { name, checksums, expected } of chains) {
	test(`${name} names the first file that is not sealed`, () => {
		const plan = planMigrations([A, B], checksums, [], sha256);
		expect(plan.problems.map((problem) => `${problem.kind} ${problem.name}`)).toEqual([`unsealed ${expected}`]);
	});
}

test('no files and an empty database are in step', () => {
	expect(planMigrations([], '', [], sha256)).toEqual({ applied: [], pending: [], problems: [] });
});
