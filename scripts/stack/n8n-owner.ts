import { EXIT, StackProblem } from './stack-problem';

const TIMEOUT_MS = 15_000;
const KEY_LABEL = 'Truffles local stack';
const BROWSER_ID = 'truffles-local-stack';

export interface OwnerLogin {
	readonly email: string;
	readonly password: string;
}

interface RestAnswer {
	readonly status: number;
	readonly data: unknown;
	readonly cookie: string | null;
}

/** Calls n8n's internal API, the one its editor uses; there is no public way to make the first owner. */
async function rest(
	n8nUrl: string,
	method: string,
	path: string,
	cookie: string | null,
	body?: unknown,
): Promise<RestAnswer> {
	const response = await fetch(`${n8nUrl}/rest${path}`, {
		method,
		headers: {
			'browser-id': BROWSER_ID,
			...(body === undefined ? {} : { 'content-type': 'application/json' }),
			...(cookie === null ? {} : { cookie }),
		},
		body: body === undefined ? undefined : JSON.stringify(body),
		signal: AbortSignal.timeout(TIMEOUT_MS),
	});
	const answer: unknown = await response.json().catch(() => null);
	const data = typeof answer === 'object' && answer !== null && 'data' in answer ? answer.data : answer;
	const set = response.headers.getSetCookie().find((entry) => entry.startsWith('n8n-auth='));
	return { status: response.status, data, cookie: set?.split(';')[0] ?? null };
}

/** Makes the first owner, or logs in as the one of an earlier start. Returns the session cookie. */
async function signIn(n8nUrl: string, login: OwnerLogin): Promise<string> {
	const entered = await rest(n8nUrl, 'POST', '/login', null, {
		emailOrLdapLoginId: login.email,
		password: login.password,
	});
	if (entered.cookie !== null) return entered.cookie;
	const made = await rest(n8nUrl, 'POST', '/owner/setup', null, {
		email: login.email,
		password: login.password,
		firstName: 'Truffles',
		lastName: 'Owner',
	});
	if (made.cookie !== null) return made.cookie;
	throw new StackProblem(
		`n8n has another owner than the one in secrets.json (login ${entered.status}, setup ${made.status}). Put that login there as ownerEmail and ownerPassword.`,
		EXIT.conflict,
	);
}

/** True when the public API accepts this key. */
async function isKeyAccepted(n8nUrl: string, apiKey: string): Promise<boolean> {
	const answer = await fetch(`${n8nUrl}/api/v1/credentials?limit=1`, {
		headers: { 'x-n8n-api-key': apiKey },
		signal: AbortSignal.timeout(TIMEOUT_MS),
	});
	return answer.ok;
}

/**
 * Makes sure that the owner exists and that there is a working API key with every scope the owner may give.
 * @param knownKey key of an earlier start; returned as it is while n8n accepts it
 */
export async function ensureApiKey(n8nUrl: string, login: OwnerLogin, knownKey: string | null): Promise<string> {
	if (knownKey !== null && (await isKeyAccepted(n8nUrl, knownKey))) return knownKey;
	const cookie = await signIn(n8nUrl, login);
	const scopes = await rest(n8nUrl, 'GET', '/api-keys/scopes', cookie);
	await removeOldKeys(n8nUrl, cookie);
	const made = await rest(n8nUrl, 'POST', '/api-keys', cookie, {
		label: KEY_LABEL,
		expiresAt: null,
		scopes: scopes.data,
	});
	const key =
		typeof made.data === 'object' && made.data !== null && 'rawApiKey' in made.data ? made.data.rawApiKey : null;
	if (typeof key !== 'string')
		throw new StackProblem(`n8n gave no API key (status ${made.status}). See logs/n8n.log in the state folder.`);
	return key;
}

async function removeOldKeys(n8nUrl: string, cookie: string): Promise<void> {
	const listed = await rest(n8nUrl, 'GET', '/api-keys', cookie);
	const data =
		typeof listed.data === 'object' && listed.data !== null && 'items' in listed.data ? listed.data.items : listed.data;
	if (!Array.isArray(data)) return;
	for (const entry of data as { id?: unknown; label?: unknown }[]) {
		if (entry.label === KEY_LABEL && typeof entry.id === 'string')
			await rest(n8nUrl, 'DELETE', `/api-keys/${entry.id}`, cookie);
	}
}
