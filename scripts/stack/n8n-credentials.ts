import { createHash } from 'node:crypto';
import { StackProblem } from './stack-problem';

const TIMEOUT_MS = 15_000;

/** One credential the workflows name. */
export interface WantedCredential {
	readonly name: string;
	readonly type: string;
	readonly data: Readonly<Record<string, unknown>>;
}

interface ListedCredential {
	readonly id: string;
	readonly name: string;
	readonly type: string;
}

async function call(n8nUrl: string, apiKey: string, method: string, path: string, body?: unknown): Promise<unknown> {
	const response = await fetch(`${n8nUrl}/api/v1${path}`, {
		method,
		headers: { 'x-n8n-api-key': apiKey, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
		body: body === undefined ? undefined : JSON.stringify(body),
		signal: AbortSignal.timeout(TIMEOUT_MS),
	});
	if (response.ok) return response.json();
	const answer = (await response.json().catch(() => ({}))) as { message?: unknown };
	throw new StackProblem(
		`n8n refused ${method} ${path.split('?')[0]} (${response.status}: ${String(answer.message ?? 'no message').slice(0, 200)}).`,
	);
}

async function listCredentials(n8nUrl: string, apiKey: string): Promise<ListedCredential[]> {
	const found: ListedCredential[] = [];
	let cursor: string | null = null;
	do {
		const page = (await call(
			n8nUrl,
			apiKey,
			'GET',
			`/credentials?limit=250${cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`}`,
		)) as { data: ListedCredential[]; nextCursor: string | null };
		found.push(...page.data);
		cursor = page.nextCursor;
	} while (cursor !== null);
	return found;
}

/**
 * Creates or updates the credentials by name and type; one whose data has the remembered hash is left alone.
 * n8n never returns secrets, so the hash of what was written is kept by the caller.
 * @returns the new hashes by name
 */
export async function ensureCredentials(
	n8nUrl: string,
	apiKey: string,
	wanted: readonly WantedCredential[],
	known: Readonly<Record<string, string>>,
): Promise<{ hashes: Record<string, string>; written: number }> {
	const listed = await listCredentials(n8nUrl, apiKey);
	const hashes: Record<string, string> = {};
	let written = 0;
	for (const credential of wanted) {
		const hash = createHash('sha256').update(JSON.stringify(credential)).digest('hex');
		hashes[credential.name] = hash;
		const existing = listed.find((entry) => entry.name === credential.name && entry.type === credential.type);
		if (existing === undefined) await call(n8nUrl, apiKey, 'POST', '/credentials', credential);
		else if (known[credential.name] !== hash)
			await call(n8nUrl, apiKey, 'PATCH', `/credentials/${existing.id}`, { data: credential.data });
		else continue;
		written += 1;
	}
	return { hashes, written };
}
