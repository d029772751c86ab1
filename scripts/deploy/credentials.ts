import { readFile, stat } from 'node:fs/promises';
import { createN8nApi } from '../../lib/adapters/n8n-api';
import { createMissingCredentials, type CredentialData } from '../../lib/workflows/save-and-publish';
import { matchCredential, type NeededCredential } from '../../lib/workflows/credential-inventory';
import { isJsonObject } from '../../lib/workflows/workflow-file';
import { EXIT, UsageProblem } from './deploy-exit';
import { printResult, type OutputFlags } from './deploy-output';
import type { DeployTarget } from './deploy-target';

export interface CredentialFlags extends OutputFlags {
	/** JSON file {"<name>": {fields}} for this user only. */
	readonly vault?: string;
	readonly dryRun: boolean;
}

type State = 'there' | 'created' | 'would be created' | 'ambiguous' | 'missing';

/** Lists the credentials that the workflows need and creates missing ones whose fields were given. Prints no field. */
export async function runCredentials(
	target: DeployTarget,
	inventory: readonly NeededCredential[],
	flags: CredentialFlags,
): Promise<number> {
	const { credentials: bindings, name: env } = target.environment;
	const data = { ...(await readVault(flags.vault)), ...readVariables(inventory) };
	const api = createN8nApi(target.access);
	const before = await api.listCredentials();
	const after = flags.dryRun ? before : await createMissingCredentials(api, inventory, data, bindings);
	const rows = inventory.map(({ name, type, purpose }) => {
		const here = bindings.get(name) ?? name;
		const state = stateOf(
			matchCredential(type, here, before).kind,
			matchCredential(type, here, after).kind,
			name in data,
		);
		return { name: here, type, state, purpose, variable: credentialVariable(name) };
	});
	printResult(
		{ env, verb: 'credentials', credentials: rows },
		rows.map(({ name, type, state, purpose, variable }) =>
			state === 'missing'
				? `${state.padEnd(8)}  ${name} (${type}): ${purpose} Set ${variable} to its fields as JSON, or give --vault.`
				: `${state.padEnd(8)}  ${name} (${type})`,
		),
		flags,
	);
	if (rows.some(({ state }) => state === 'missing' || state === 'ambiguous')) return EXIT.blocked;
	return rows.some(({ state }) => state === 'would be created') ? EXIT.pending : EXIT.done;
}

/** `Truffles Platform` -> `TRUFFLES_CREDENTIAL_TRUFFLES_PLATFORM` */
export function credentialVariable(name: string): string {
	return `TRUFFLES_CREDENTIAL_${name.toUpperCase().replace(/[^A-Z0-9]+/g, '_')}`;
}

function stateOf(before: string, after: string, isGiven: boolean): State {
	if (after === 'ambiguous') return 'ambiguous';
	if (before === 'found') return 'there';
	if (after === 'found') return 'created';
	return isGiven ? 'would be created' : 'missing';
}

function readVariables(inventory: readonly NeededCredential[]): CredentialData {
	const data: Record<string, Readonly<Record<string, unknown>>> = {};
	for (const { name } of inventory) {
		const variable = credentialVariable(name);
		const text = process.env[variable];
		if (text === undefined || text === '') continue;
		const fields = parseObject(text);
		if (fields === null) throw new UsageProblem(`${variable} must be a JSON object with the credential's fields.`);
		data[name] = fields;
	}
	return data;
}

async function readVault(file: string | undefined): Promise<CredentialData> {
	if (file === undefined) return {};
	const { mode } = await stat(file).catch(() => {
		throw new UsageProblem(`The vault file ${file} cannot be read.`);
	});
	if (process.platform !== 'win32' && (mode & 0o077) !== 0)
		throw new UsageProblem(`The vault file ${file} can be read by others. Run "chmod 600" on it.`);
	const vault = parseObject(await readFile(file, 'utf8'));
	if (vault === null || !Object.values(vault).every(isJsonObject))
		throw new UsageProblem(`The vault file ${file} must be {"<credential>": {<fields>}}.`);
	return vault as CredentialData;
}

/** Null for anything else; the text is never part of a message. */
function parseObject(text: string): Record<string, unknown> | null {
	try {
		const value: unknown = JSON.parse(text);
		return isJsonObject(value) ? value : null;
	} catch {
		return null;
	}
}
