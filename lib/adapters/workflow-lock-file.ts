import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isJsonObject } from '../workflows/workflow-file';

/**
 * Reads the ids of an environment's workflows: `{"workflows": {"<key>": "<id>"}}`. A file that is not there is empty.
 * @throws Error with what is wrong; a damaged file must not look like an empty one
 */
export async function readWorkflowLock(file: string): Promise<ReadonlyMap<string, string>> {
	let text: string;
	try {
		text = await readFile(file, 'utf8');
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new Map();
		throw error;
	}
	const ids = parseIds(text);
	if (ids === null)
		throw new Error(
			`${file} must be {"workflows": {"<key>": "<id>"}}. Correct it, or remove it: names are then enough.`,
		);
	return new Map(ids);
}

/** Writes the ids, sorted by the numbers of their keys, when they differ from what is there. Returns whether it wrote. */
export async function writeWorkflowLock(file: string, ids: ReadonlyMap<string, string>): Promise<boolean> {
	const sorted = [...ids].sort(([a], [b]) => Number.parseInt(a, 10) - Number.parseInt(b, 10) || (a < b ? -1 : 1));
	const text = `${JSON.stringify({ workflows: Object.fromEntries(sorted) }, null, 2)}\n`;
	const present = await readFile(file, 'utf8').catch(() => '');
	if (present === text) return false;
	await mkdir(dirname(file), { recursive: true });
	await writeFile(`${file}.tmp`, text);
	await rename(`${file}.tmp`, file);
	return true;
}

function parseIds(text: string): [string, string][] | null {
	try {
		const json: unknown = JSON.parse(text);
		if (!isJsonObject(json) || !isJsonObject(json.workflows) || Object.keys(json).length !== 1) return null;
		const entries = Object.entries(json.workflows);
		return entries.every((entry): entry is [string, string] => typeof entry[1] === 'string') ? entries : null;
	} catch {
		return null;
	}
}
