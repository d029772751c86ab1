import { FetchHttp } from '../../lib/adapters/fetch-http';
import { sha256Hex } from '../../lib/adapters/migrate-database';
import { createN8nApi } from '../../lib/adapters/n8n-api';
import { TrufflesError } from '../../lib/errors';
import type { NewCredential } from '../../lib/ports/n8n-api';
import { matchCredential } from '../../lib/workflows/credential-inventory';
import { StackProblem } from './stack-problem';

/** One credential the workflows name. */
export type WantedCredential = NewCredential;

/**
 * Creates or updates the credentials by name and type; one whose data has the remembered hash is left alone.
 * n8n never returns secrets, so the hash of what was written is kept by the caller.
 * @returns the new hashes by name
 * @throws StackProblem when n8n refuses, or has two credentials of one name and type
 */
export async function ensureCredentials(
	n8nUrl: string,
	apiKey: string,
	wanted: readonly WantedCredential[],
	known: Readonly<Record<string, string>>,
): Promise<{ hashes: Record<string, string>; written: number }> {
	const api = createN8nApi({ http: new FetchHttp(), baseUrl: n8nUrl, apiKey });
	const hashes: Record<string, string> = {};
	let written = 0;
	try {
		const listed = await api.listCredentials();
		for (const credential of wanted) {
			const { name, type, data } = credential;
			const hash = sha256Hex(JSON.stringify(credential));
			hashes[name] = hash;
			const match = matchCredential(type, name, listed);
			if (match.kind === 'ambiguous')
				throw new StackProblem(
					`n8n has ${match.count} credentials "${name}" (${type}). Remove the wrong ones in its editor.`,
				);
			if (match.kind === 'missing') await api.createCredential(credential);
			else if (known[name] !== hash) await api.updateCredential(match.id, data);
			else continue;
			written += 1;
		}
	} catch (error) {
		if (error instanceof TrufflesError) throw new StackProblem(error.message);
		throw error;
	}
	return { hashes, written };
}
