/**
 * What to do with the migration files, given what the database says it has: pure, no database, no files.
 *
 * `migrations/checksums.txt` is a hash chain: each line depends on all files before it, so two branches that both
 * add a migration collide in review instead of in production.
 */

/** One file of `migrations/`, as read. */
export interface MigrationFile {
	/** `NNNN_slug.sql` */
	readonly name: string;
	readonly sql: string;
}

/** One row of `truffles.schema_migrations`. */
export interface AppliedMigration {
	readonly name: string;
	/** SHA-256, hex, of the file's text as it was applied. */
	readonly checksum: string;
}

export type MigrationProblemKind =
	'bad_name' | 'duplicate_number' | 'bad_header' | 'unsealed' | 'edited' | 'missing' | 'out_of_order';

export interface MigrationProblem {
	readonly kind: MigrationProblemKind;
	readonly name: string;
	/** What is wrong and what to do, for people. */
	readonly text: string;
}

export interface MigrationPlan {
	readonly applied: readonly string[];
	/** In the order in which they must run. Empty when there is any problem. */
	readonly pending: readonly { readonly name: string; readonly sql: string; readonly checksum: string }[];
	readonly problems: readonly MigrationProblem[];
}

/** SHA-256 as lower-case hex; injected because `lib` has no crypto of its own. */
export type Sha256Hex = (text: string) => string;

const NAME = /^(\d{4})_[a-z0-9]+(?:_[a-z0-9]+)*\.sql$/;
const HEADERS = ['why', 'breaking', 'lock', 'undo'] as const;

/** Files checked out with Windows line ends have the same checksum. */
function canonical(sql: string): string {
	return sql.replace(/\r\n/g, '\n');
}

/** Checksum of one file's text. */
export function migrationChecksum(sql: string, sha256: Sha256Hex): string {
	return sha256(canonical(sql));
}

function byName(files: readonly MigrationFile[]): MigrationFile[] {
	return [...files].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * Text of `checksums.txt` for these files: one line `<chain hash>  <name>` per file.
 * The chain hash of a file is SHA-256 of the previous chain hash, its name and its checksum, joined by line breaks.
 */
export function buildChecksums(files: readonly MigrationFile[], sha256: Sha256Hex): string {
	let previous = '';
	return byName(files)
		.map(({ name, sql }) => {
			previous = sha256([previous, name, migrationChecksum(sql, sha256)].join('\n'));
			return `${previous}  ${name}\n`;
		})
		.join('');
}

function fileProblems(files: readonly MigrationFile[], checksums: string, sha256: Sha256Hex): MigrationProblem[] {
	const problems: MigrationProblem[] = [];
	const numbers = new Map<string, string>();
	for (const { name, sql } of files) {
		const number = NAME.exec(name)?.[1];
		if (number === undefined) {
			problems.push({ kind: 'bad_name', name, text: 'name must be NNNN_slug.sql (lower case)' });
			continue;
		}
		const other = numbers.get(number);
		if (other !== undefined)
			problems.push({ kind: 'duplicate_number', name, text: `has the number of ${other}; give it the next free one` });
		numbers.set(number, name);
		const missing = HEADERS.filter((header) => !new RegExp(`^-- ${header}: \\S`, 'm').test(sql));
		if (missing.length > 0)
			problems.push({ kind: 'bad_header', name, text: `header line missing: ${missing.join(', ')}` });
	}
	const expected = buildChecksums(files, sha256).split('\n');
	const sealed = canonical(checksums).split('\n');
	const firstDifference = expected.findIndex((line, index) => line !== sealed[index]);
	if (firstDifference >= 0 || sealed.length !== expected.length) {
		const line = expected[firstDifference] || sealed[expected.length - 1] || '';
		problems.push({
			kind: 'unsealed',
			name: line.split('  ')[1] ?? 'checksums.txt',
			text: 'differs from migrations/checksums.txt; a merged file is never edited, a new one is sealed with "npm run migrate -- seal"',
		});
	}
	return problems;
}

/**
 * Compares files, checksums and the database.
 *
 * @returns a plan whose `pending` is empty whenever `problems` is not: nothing is applied on top of a doubt.
 *          A number below the last applied one is `out_of_order`: it would run in another order elsewhere.
 */
export function planMigrations(
	files: readonly MigrationFile[],
	checksums: string,
	applied: readonly AppliedMigration[],
	sha256: Sha256Hex,
): MigrationPlan {
	const sorted = byName(files);
	const problems = fileProblems(sorted, checksums, sha256);
	const known = new Map(sorted.map(({ name, sql }) => [name, migrationChecksum(sql, sha256)]));
	const done = new Set(applied.map(({ name }) => name));
	const lastApplied = [...done].sort().at(-1) ?? '';

	for (const { name, checksum } of applied) {
		const current = known.get(name);
		if (current === undefined) {
			problems.push({
				kind: 'missing',
				name,
				text: 'is applied to the database but its file is gone; restore it from version control',
			});
		} else if (current !== checksum) {
			problems.push({
				kind: 'edited',
				name,
				text: 'was edited after it had been applied; restore it and write a new migration',
			});
		}
	}
	const pending = sorted.filter(({ name }) => !done.has(name));
	for (const { name } of pending) {
		if (name < lastApplied) {
			problems.push({
				kind: 'out_of_order',
				name,
				text: `comes before ${lastApplied}, which is applied; give it the next free number`,
			});
		}
	}
	return {
		applied: [...done].sort(),
		pending:
			problems.length > 0 ? [] : pending.map(({ name, sql }) => ({ name, sql, checksum: known.get(name) ?? '' })),
		problems,
	};
}
