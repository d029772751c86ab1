import { TrufflesError } from '../errors';
import type { Http } from '../ports/http';
import type { LiveCredential, LiveWorkflow, N8nApi, N8nReader, WorkflowBody } from '../ports/n8n-api';
import { isJsonObject } from '../workflows/workflow-file';

/** A page of whole workflows stays far below what the HTTP adapter reads of one body. */
const WORKFLOWS_PER_PAGE = 50;
/** n8n's own maximum. */
const CREDENTIALS_PER_PAGE = 250;
/** Publishing the gateway registers webhooks in every process; on a busy machine that takes seconds. */
const TIMEOUT_MS = 30_000;
/** More pages than this means a cursor that does not move. */
const MAX_PAGES = 1_000;
const MAX_PROBLEM_CHARS = 300;

interface N8nApiOptions {
	readonly http: Http;
	/** Address of the instance without a path, for example `http://localhost:5678`. */
	readonly baseUrl: string;
	/** Needs the scopes workflow:* and credential:*. */
	readonly apiKey: string;
	readonly timeoutMs?: number;
}

type Method = 'GET' | 'POST' | 'PUT';

/**
 * n8n's public API v1 as the deployer uses it (read in n8n 2.40.5).
 * Throws TRF_N8N_REFUSED and TRF_N8N_UNREACHABLE; neither holds the API key, the address or a request body.
 */
export function createN8nApi(options: N8nApiOptions): N8nApi {
	const call = (method: Method, path: string, body?: unknown): Promise<unknown> => send(options, method, path, body);
	return {
		...createReader(options),
		async createWorkflow(body) {
			return parseWorkflow(await call('POST', '/workflows', body), 'POST /workflows');
		},
		async updateWorkflow(id, body) {
			// Without publishIfActive=false n8n publishes the saved version at once, before its sub-workflows are.
			return parseWorkflow(
				await call('PUT', `/workflows/${encodeURIComponent(id)}?publishIfActive=false`, body),
				'PUT /workflows/{id}',
			);
		},
		async publishWorkflow(id, version) {
			await call('POST', `/workflows/${encodeURIComponent(id)}/publish`, version);
		},
		async createCredential(credential) {
			return parseCredential(await call('POST', '/credentials', credential), 'POST /credentials');
		},
	};
}

/** The reading half alone: what planning gets, so that a preview cannot write. */
export function createN8nReader(options: N8nApiOptions): N8nReader {
	return createReader(options);
}

function createReader(options: N8nApiOptions): N8nReader {
	return {
		async listWorkflows() {
			return await listWorkflows(options, '');
		},
		async findWorkflows(name) {
			const found = await listWorkflows(options, `&name=${encodeURIComponent(name)}`);
			return found.filter((workflow) => workflow.name === name);
		},
		async getWorkflow(id) {
			const found = await sendUnlessAbsent(options, 'GET', `/workflows/${encodeURIComponent(id)}`);
			return found === ABSENT ? null : parseWorkflow(found, 'GET /workflows/{id}');
		},
		async listCredentials() {
			const rows = await listAll(options, `/credentials?limit=${CREDENTIALS_PER_PAGE}`);
			return rows.map((row) => parseCredential(row, 'GET /credentials'));
		},
	};
}

async function listWorkflows(options: N8nApiOptions, filter: string): Promise<LiveWorkflow[]> {
	const rows = await listAll(options, `/workflows?excludePinnedData=true&limit=${WORKFLOWS_PER_PAGE}${filter}`);
	const workflows = rows.map((row) => parseWorkflow(row, 'GET /workflows'));
	// The cursor is an offset: a row can come twice when something is written between two pages.
	return [...new Map(workflows.map((workflow) => [workflow.id, workflow])).values()];
}

async function listAll(options: N8nApiOptions, path: string): Promise<unknown[]> {
	const rows: unknown[] = [];
	const route = path.split('?')[0] ?? path;
	let cursor: string | null = null;
	for (let page = 0; page < MAX_PAGES; page += 1) {
		const suffix: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
		const answer = await send(options, 'GET', path + suffix);
		if (!isJsonObject(answer) || !Array.isArray(answer.data)) throw malformed('GET', route, 'no list in "data"');
		rows.push(...(answer.data as unknown[]));
		const next = answer.nextCursor;
		if (typeof next !== 'string' || next === '') return rows;
		if (next === cursor) break;
		cursor = next;
	}
	throw malformed('GET', route, 'the pages do not end');
}

const ABSENT = Symbol('absent');

async function send(options: N8nApiOptions, method: Method, path: string, body?: unknown): Promise<unknown> {
	const answer = await sendUnlessAbsent(options, method, path, body);
	if (answer === ABSENT) throw refused(method, path, 404, 'not found');
	return answer;
}

async function sendUnlessAbsent(
	options: N8nApiOptions,
	method: Method,
	path: string,
	body?: unknown,
): Promise<unknown> {
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
	const { status, bodyText } = result.response;
	const parsed = parseJson(bodyText);
	// A proxy or a wrong address also answers 404: only n8n's own JSON means that the workflow is absent.
	if (status === 404 && isJsonObject(parsed) && typeof parsed.message === 'string') return ABSENT;
	if (status < 200 || status > 299) throw refused(method, path, status, problemOf(parsed));
	if (parsed === undefined)
		throw malformed(method, routeOf(path), 'the answer is not JSON; is this the address of n8n?');
	return parsed;
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

/** Paths in messages carry no cursor: it is long and says nothing. */
function routeOf(path: string): string {
	return path.split('?')[0] ?? path;
}

function refused(method: Method, path: string, status: number, problem: string): TrufflesError {
	return new TrufflesError('TRF_N8N_REFUSED', { method, path: routeOf(path), status, problem });
}

function malformed(method: Method, route: string, problem: string): TrufflesError {
	return new TrufflesError('TRF_N8N_REFUSED', { method, path: route, status: 200, problem });
}

function parseWorkflow(value: unknown, route: string): LiveWorkflow {
	if (
		!isJsonObject(value) ||
		typeof value.id !== 'string' ||
		typeof value.name !== 'string' ||
		typeof value.versionId !== 'string' ||
		!Array.isArray(value.nodes) ||
		!isJsonObject(value.connections)
	) {
		throw malformed('GET', route, 'a workflow without id, name, versionId, nodes or connections');
	}
	const body: WorkflowBody = {
		name: value.name,
		nodes: value.nodes as WorkflowBody['nodes'],
		connections: value.connections,
		settings: isJsonObject(value.settings) ? value.settings : {},
		...(Array.isArray(value.nodeGroups) && value.nodeGroups.length > 0
			? { nodeGroups: value.nodeGroups as unknown[] }
			: {}),
	};
	return {
		id: value.id,
		name: value.name,
		versionId: value.versionId,
		activeVersionId: typeof value.activeVersionId === 'string' ? value.activeVersionId : null,
		isArchived: value.isArchived === true,
		updatedAt: typeof value.updatedAt === 'string' ? value.updatedAt : '',
		body,
	};
}

function parseCredential(value: unknown, route: string): LiveCredential {
	if (
		!isJsonObject(value) ||
		typeof value.id !== 'string' ||
		typeof value.name !== 'string' ||
		typeof value.type !== 'string'
	) {
		throw malformed('GET', route, 'a credential without id, name or type');
	}
	return { id: value.id, name: value.name, type: value.type };
}
