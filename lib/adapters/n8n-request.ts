/** Requests to n8n's public API v1, and what its answers mean. Used by the adapters beside it. */
import { TrufflesError } from '../errors';
import type { Http } from '../ports/http';
import { isJsonObject } from '../workflows/workflow-file';

/** Publishing the gateway registers webhooks in every process; on a busy machine that takes seconds. */
const TIMEOUT_MS = 30_000;
/** More pages than this means a cursor that does not move. */
const MAX_PAGES = 1_000;
const MAX_PROBLEM_CHARS = 300;

export interface N8nApiOptions {
	readonly http: Http;
	/** Address of the instance without a path, for example `http://localhost:5678`. */
	readonly baseUrl: string;
	/** Needs the scopes workflow:*, credential:*, tag:*, dataTable:* and dataTableRow:*. */
	readonly apiKey: string;
	readonly timeoutMs?: number;
}

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** n8n itself says that the thing is not there, or that it is there already. */
export type Missing = { readonly kind: 'absent' } | { readonly kind: 'conflict'; readonly problem: string };

/** An answer of n8n, with the moment its machine says it is. */
export interface Answer {
	readonly kind: 'ok';
	readonly body: unknown;
	/** From the `Date` header, whole seconds; null when a proxy removed it. */
	readonly serverTimeMs: number | null;
}

/** One call. @throws TRF_N8N_REFUSED, also for 404 and 409; TRF_N8N_UNREACHABLE */
export async function send(options: N8nApiOptions, method: Method, path: string, body?: unknown): Promise<unknown> {
	const answer = await sendUnlessMissing(options, method, path, body);
	if (answer.kind === 'absent') throw refused(method, path, 404, 'not found');
	if (answer.kind === 'conflict') throw refused(method, path, 409, answer.problem);
	return answer.body;
}

/** One call in which absence and conflict are expected answers. */
export async function sendUnlessMissing(
	options: N8nApiOptions,
	method: Method,
	path: string,
	body?: unknown,
): Promise<Answer | Missing> {
	const result = await options.http.send({
		method,
		url: `${options.baseUrl.replace(/\/+$/, '')}/api/v1${path}`,
		headers: {
			'x-n8n-api-key': options.apiKey,
			accept: 'application/json',
			...(body === undefined ? {} : { 'content-type': 'application/json' }),
		},
		...(body === undefined ? {} : { body: JSON.stringify(body) }),
		timeoutMs: options.timeoutMs ?? TIMEOUT_MS,
	});
	if (!result.ok)
		throw new TrufflesError('TRF_N8N_UNREACHABLE', { method, path: routeOf(path), detail: result.failure.detail });
	const { status, bodyText, headers } = result.response;
	const parsed = parseJson(bodyText);
	// A proxy or a wrong address also answers 404: only n8n's own JSON means that the thing is absent.
	if (status === 404 && isJsonObject(parsed) && typeof parsed.message === 'string') return { kind: 'absent' };
	if (status === 409) return { kind: 'conflict', problem: problemOf(parsed) };
	if (status < 200 || status > 299) throw refused(method, path, status, problemOf(parsed));
	if (parsed === undefined && status !== 204)
		throw malformed(method, path, 'the answer is not JSON; is this the address of n8n?');
	const serverTimeMs = Date.parse(headers.date ?? '');
	return { kind: 'ok', body: parsed, serverTimeMs: Number.isNaN(serverTimeMs) ? null : serverTimeMs };
}

/** All rows of a paged list. `path` may have a query. */
export async function listAll(options: N8nApiOptions, path: string): Promise<unknown[]> {
	const rows: unknown[] = [];
	let cursor: string | null = null;
	for (let page = 0; page < MAX_PAGES; page += 1) {
		const glue = path.includes('?') ? '&' : '?';
		const suffix: string = cursor === null ? '' : `${glue}cursor=${encodeURIComponent(cursor)}`;
		const answer = await send(options, 'GET', path + suffix);
		if (!isJsonObject(answer) || !Array.isArray(answer.data)) throw malformed('GET', path, 'no list in "data"');
		rows.push(...(answer.data as unknown[]));
		const next = answer.nextCursor;
		if (typeof next !== 'string' || next === '') return rows;
		if (next === cursor) break;
		cursor = next;
	}
	throw malformed('GET', path, 'the pages do not end');
}

/** An answer that cannot be n8n's. */
export function malformed(method: Method, path: string, problem: string): TrufflesError {
	return refused(method, path, 200, problem);
}

function refused(method: Method, path: string, status: number, problem: string): TrufflesError {
	return new TrufflesError('TRF_N8N_REFUSED', { method, path: routeOf(path), status, problem });
}

/** Paths in messages carry no cursor: it is long and says nothing. */
function routeOf(path: string): string {
	return path.split('?')[0] ?? path;
}

function parseJson(text: string): unknown {
	try {
		return JSON.parse(text) as unknown;
	} catch {
		return undefined;
	}
}

function problemOf(body: unknown): string {
	const message = isJsonObject(body) && typeof body.message === 'string' ? body.message : 'no reason given';
	return message.slice(0, MAX_PROBLEM_CHARS);
}
