import type { LiveCredential, LiveWorkflow, N8nApi, N8nReader, WorkflowBody } from '../ports/n8n-api';
import { canonicalJson } from '../workflows/canonical-json';
import { isJsonObject } from '../workflows/workflow-file';
import { readN8nVersion } from './n8n-version';
import { listAll, malformed, send, sendUnlessMissing, type Method, type N8nApiOptions } from './n8n-request';

/** A page of whole workflows, drafts and live versions, stays far below what the HTTP adapter reads of one body. */
const WORKFLOWS_PER_PAGE = 25;
/** n8n's own maximum. */
const CREDENTIALS_PER_PAGE = 250;

/**
 * n8n's public API v1 as the deployer uses it (read in n8n 2.40.5).
 * Throws TRF_N8N_REFUSED and TRF_N8N_UNREACHABLE; neither holds the API key, the address or a request body.
 */
export function createN8nApi(options: N8nApiOptions): N8nApi {
	const call = (method: Method, path: string, body?: unknown): Promise<unknown> => send(options, method, path, body);
	const workflow = (id: string): string => `/workflows/${encodeURIComponent(id)}`;
	return {
		...createN8nReader(options),
		async createWorkflow(body) {
			return parseWorkflow(await call('POST', '/workflows', body), 'POST', '/workflows');
		},
		async updateWorkflow(id, body) {
			// Without publishIfActive=false n8n publishes the saved version at once, before its sub-workflows are.
			const path = `${workflow(id)}?publishIfActive=false`;
			return parseWorkflow(await call('PUT', path, body), 'PUT', path);
		},
		async publishWorkflow(id, version) {
			const path = `${workflow(id)}/publish`;
			return parseWorkflow(await call('POST', path, version), 'POST', path);
		},
		async unpublishWorkflow(id) {
			await call('POST', `${workflow(id)}/unpublish`, {});
		},
		async archiveWorkflow(id) {
			await call('POST', `${workflow(id)}/archive`, {});
		},
		async createCredential(credential) {
			return parseCredential(await call('POST', '/credentials', credential), 'POST');
		},
		async updateCredential(id, data) {
			await call('PATCH', `/credentials/${encodeURIComponent(id)}`, { data });
		},
	};
}

/** The reading half alone: what planning gets, so that a preview cannot write. */
export function createN8nReader(options: N8nApiOptions): N8nReader {
	return {
		async listWorkflows() {
			return await listWorkflows(options, '');
		},
		async findWorkflows(name) {
			const found = await listWorkflows(options, `&name=${encodeURIComponent(name)}`);
			return found.filter((workflow) => workflow.name === name);
		},
		async getWorkflow(id) {
			const path = `/workflows/${encodeURIComponent(id)}`;
			const found = await sendUnlessMissing(options, 'GET', path);
			return found.kind === 'ok' ? parseWorkflow(found.body, 'GET', path) : null;
		},
		async listCredentials() {
			const rows = await listAll(options, `/credentials?limit=${CREDENTIALS_PER_PAGE}`);
			return rows.map((row) => parseCredential(row, 'GET'));
		},
		n8nVersion: () => readN8nVersion(options),
		async installedPackage(name) {
			const rows = await send(options, 'GET', '/community-packages');
			if (!Array.isArray(rows)) throw malformed('GET', '/community-packages', 'no list');
			const found = rows.find((row) => isJsonObject(row) && row.packageName === name) as
				Record<string, unknown> | undefined;
			return typeof found?.installedVersion === 'string' ? found.installedVersion : null;
		},
	};
}

async function listWorkflows(options: N8nApiOptions, filter: string): Promise<LiveWorkflow[]> {
	const path = `/workflows?excludePinnedData=true&limit=${WORKFLOWS_PER_PAGE}${filter}`;
	const workflows = (await listAll(options, path)).map((row) => parseWorkflow(row, 'GET', path));
	// The cursor is an offset: a row can come twice when something is written between two pages.
	return [...new Map(workflows.map((workflow) => [workflow.id, workflow])).values()];
}

function parseWorkflow(value: unknown, method: Method, path: string): LiveWorkflow {
	if (
		!isJsonObject(value) ||
		typeof value.id !== 'string' ||
		typeof value.name !== 'string' ||
		typeof value.versionId !== 'string' ||
		!Array.isArray(value.nodes) ||
		!isJsonObject(value.connections)
	) {
		throw malformed(method, path, 'a workflow without id, name, versionId, nodes or connections');
	}
	const body = bodyOf(value, value.name, value.settings);
	const activeVersionId = typeof value.activeVersionId === 'string' ? value.activeVersionId : null;
	return {
		id: value.id,
		name: value.name,
		versionId: value.versionId,
		activeVersionId,
		isArchived: value.isArchived === true,
		updatedAt: typeof value.updatedAt === 'string' ? value.updatedAt : '',
		body,
		activeBody: activeVersionId === null ? null : activeBodyOf(value, body, activeVersionId),
	};
}

function bodyOf(value: Record<string, unknown>, name: string, settings: unknown): WorkflowBody {
	return {
		name,
		nodes: value.nodes as WorkflowBody['nodes'],
		connections: value.connections as WorkflowBody['connections'],
		settings: isJsonObject(settings) ? settings : {},
		...(Array.isArray(value.nodeGroups) && value.nodeGroups.length > 0
			? { nodeGroups: value.nodeGroups as unknown[] }
			: {}),
	};
}

function activeBodyOf(
	value: Record<string, unknown>,
	draft: WorkflowBody,
	activeVersionId: string,
): WorkflowBody | null {
	if (activeVersionId === value.versionId) return draft;
	const active = value.activeVersion;
	if (!isJsonObject(active) || !Array.isArray(active.nodes) || !isJsonObject(active.connections)) return null;
	const body = bodyOf(active, draft.name, draft.settings);
	return canonicalJson(body) === canonicalJson(draft) ? draft : body;
}

function parseCredential(value: unknown, method: Method): LiveCredential {
	if (
		!isJsonObject(value) ||
		typeof value.id !== 'string' ||
		typeof value.name !== 'string' ||
		typeof value.type !== 'string'
	) {
		throw malformed(method, '/credentials', 'a credential without id, name or type');
	}
	return { id: value.id, name: value.name, type: value.type };
}
