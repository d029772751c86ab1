import type { LiveCredential } from '../ports/n8n-api';
import { collectCredentialReferences } from './references';
import { isJsonObject, type WorkflowFile, type WorkflowProblem } from './workflow-file';

/** One credential that the workflows name; `workflows/credentials.json` lists them all, without secrets. */
export interface NeededCredential {
	readonly name: string;
	readonly type: string;
	/** Why it is needed, for the person who fills it in. */
	readonly purpose: string;
}

export type ParsedInventory =
	| { readonly ok: true; readonly credentials: readonly NeededCredential[] }
	| { readonly ok: false; readonly problems: readonly WorkflowProblem[] };

const ENTRY_KEYS = ['name', 'type', 'purpose'] as const;

/** Reads the inventory; reports every problem at once. Any further key is refused, so that no secret can settle here. */
export function parseCredentialInventory(text: string): ParsedInventory {
	const problems: WorkflowProblem[] = [];
	const report = (message: string): void => void problems.push({ code: 'credential-inventory', key: null, message });
	let json: unknown;
	try {
		json = JSON.parse(text);
	} catch {
		json = null;
	}
	const entries: unknown[] = isJsonObject(json) && Array.isArray(json.credentials) ? json.credentials : [];
	if (!isJsonObject(json) || !Array.isArray(json.credentials))
		report('credentials.json must be {"credentials": [{name, type, purpose}]}');
	const credentials: NeededCredential[] = [];
	for (const [index, entry] of entries.entries()) {
		if (!isJsonObject(entry)) {
			report(`credentials[${index}] must be an object`);
			continue;
		}
		const unknown = Object.keys(entry).filter((key) => !(ENTRY_KEYS as readonly string[]).includes(key));
		if (unknown.length > 0)
			report(`credentials[${index}] has unknown keys ${unknown.join(', ')}; known: ${ENTRY_KEYS.join(', ')}`);
		const { name, type, purpose } = entry;
		if (typeof name !== 'string' || typeof type !== 'string' || typeof purpose !== 'string') {
			report(`credentials[${index}] needs the texts ${ENTRY_KEYS.join(', ')}`);
		} else if (credentials.some((other) => other.name === name && other.type === type)) {
			report(`credentials[${index}]: ${name} (${type}) is listed twice`);
		} else {
			credentials.push({ name, type, purpose });
		}
	}
	return problems.length > 0 ? { ok: false, problems } : { ok: true, credentials };
}

/** Credentials that nodes name and the inventory does not list. */
export function unlistedCredentials(
	files: readonly WorkflowFile[],
	inventory: readonly NeededCredential[],
): WorkflowProblem[] {
	return files.flatMap(({ key, json }) =>
		collectCredentialReferences(json)
			.filter(({ type, name }) => !inventory.some((entry) => entry.type === type && entry.name === name))
			.map(({ nodeName, type, name }) => ({
				code: 'credential-unlisted',
				key,
				message: `"${nodeName}" uses the credential "${name}" (${type}), which workflows/credentials.json does not list`,
			})),
	);
}

/** How often one (type, name) occurs in n8n: exactly once is a match, anything else is not guessed about. */
export type CredentialMatch =
	| { readonly kind: 'found'; readonly id: string }
	| { readonly kind: 'missing' }
	| { readonly kind: 'ambiguous'; readonly count: number };

/** Finds the one credential of this type and name. */
export function matchCredential(type: string, name: string, live: readonly LiveCredential[]): CredentialMatch {
	const matches = live.filter((credential) => credential.type === type && credential.name === name);
	const [only] = matches;
	if (only === undefined) return { kind: 'missing' };
	return matches.length === 1 ? { kind: 'found', id: only.id } : { kind: 'ambiguous', count: matches.length };
}

/** What is missing or ambiguous in n8n, all at once. `bindings`: name in the files -> name in this environment. */
export function credentialProblems(
	inventory: readonly NeededCredential[],
	live: readonly LiveCredential[],
	bindings: ReadonlyMap<string, string>,
	willCreate: ReadonlySet<string>,
): WorkflowProblem[] {
	const problems = inventory.flatMap(({ name, type, purpose }): WorkflowProblem[] => {
		const here = bindings.get(name) ?? name;
		const match = matchCredential(type, here, live);
		if (match.kind === 'found' || (match.kind === 'missing' && willCreate.has(name))) return [];
		const message =
			match.kind === 'missing'
				? `n8n has no credential "${here}" (${type}): ${purpose} Create it in n8n under exactly this name, or with "deploy-workflows credentials"`
				: `${match.count} credentials in n8n are named "${here}" (${type}); rename the wrong ones`;
		return [{ code: `credential-${match.kind}`, key: null, message }];
	});
	const unused = [...bindings.keys()].filter((name) => !inventory.some((entry) => entry.name === name));
	return [
		...problems,
		...unused.map((name) => ({
			code: 'credential-binding',
			key: null,
			message: `deploy.config.json binds the credential "${name}", which workflows/credentials.json does not list`,
		})),
	];
}
