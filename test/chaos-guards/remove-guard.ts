/** Takes one guard out of the running world: a function of the database, or the package in n8n. The working tree stays as it is. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ModuleKind, ScriptTarget, transpileModule } from 'typescript';

import { withDatabase } from '../../scripts/chaos/witnesses';
import type { ChaosWorld } from '../../scripts/chaos/world/chaos-world';

const REPOSITORY = path.resolve(__dirname, '..', '..');

/** An entry of mutations.json. */
export interface Mutation {
	readonly column: string;
	readonly guard: string;
	readonly scenario: string;
	readonly file: string;
	/** SQL only: the function that is replaced, as the database has it. */
	readonly function?: string;
	readonly find: string;
	readonly replace: string;
	readonly alsoFind?: string;
	readonly alsoReplace?: string;
}

/** The text without the guard. @throws when the guard's text does not occur exactly once */
export function withoutGuard(text: string, mutation: Mutation): string {
	const { find, replace, alsoFind, alsoReplace = '' } = mutation;
	const replaced = replaceOnce(text, find, replace);
	return alsoFind === undefined ? replaced : replaceOnce(replaced, alsoFind, alsoReplace);
}

function replaceOnce(text: string, find: string, replace: string): string {
	if (text.split(find).length !== 2) throw new Error(`This must occur exactly once: ${find}`);
	return text.replace(find, () => replace);
}

/** Runs `work` without the guard. A function of the database is put back afterwards; the package is replaced by the next one. */
export async function runWithoutGuard<T>(world: ChaosWorld, mutation: Mutation, work: () => Promise<T>): Promise<T> {
	if (mutation.function !== undefined) {
		const original = await readFunction(world, mutation.function, mutation.find);
		await world.applySql(withoutGuard(original, mutation));
		try {
			return await work();
		} finally {
			await world.applySql(original);
		}
	}
	const folder = buildWithoutGuard(mutation);
	try {
		await world.swapPackage(folder);
		return await work();
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}

/**
 * The definition as the database has it now, whichever migration wrote it last.
 * @param part occurs in it, and in no other function of this name
 */
export async function readFunction(
	world: Pick<ChaosWorld, 'databaseAdminUrl'>,
	name: string,
	part: string,
): Promise<string> {
	return await withDatabase(world.databaseAdminUrl, async (db) => {
		const { rows } = await db.query<{ definition: string }>(
			`select pg_get_functiondef(oid) as definition from pg_proc where pronamespace = 'truffles'::regnamespace and proname = $1
			    and position($2 in prosrc) > 0`,
			[name, part],
		);
		if (rows[0] === undefined || rows.length > 1) throw new Error(`There are ${rows.length} functions ${name}.`);
		return rows[0].definition;
	});
}

/** A copy of the built package with one file compiled anew. */
function buildWithoutGuard(mutation: Mutation): string {
	const folder = mkdtempSync(path.join(tmpdir(), 'truffles-chaos-package-'));
	cpSync(path.join(REPOSITORY, 'dist'), path.join(folder, 'dist'), { recursive: true });
	const source = withoutGuard(readFileSync(path.join(REPOSITORY, mutation.file), 'utf8'), mutation);
	const { outputText } = transpileModule(source, {
		compilerOptions: { module: ModuleKind.CommonJS, target: ScriptTarget.ES2022, esModuleInterop: true },
	});
	writeFileSync(path.join(folder, 'dist', mutation.file.replace(/\.ts$/, '.js')), outputText);
	return folder;
}
