import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * n8n's public API as far as the deployer uses it, with the rules read and tried in n8n 2.40.5: closed schema, pages,
 * settings merged on PUT, a version per change of nodes or connections, publishing validates, tags with unique names,
 * data tables. It also plays the gateway at the public address. It can misbehave.
 */
export const API_KEY = 'stand-in-api-key';

type Json = Record<string, unknown>;
interface StoredNode extends Json {
	name: string;
	type: string;
	parameters: Json;
}
interface StoredWorkflow {
	id: string;
	name: string;
	nodes: StoredNode[];
	connections: Json;
	settings: Json;
	versionId: string;
	activeVersionId: string | null;
	isArchived: boolean;
	updatedAt: string;
	releaseName: string | null;
	/** Every version n8n still has. */
	versions: Map<string, { nodes: StoredNode[]; connections: Json }>;
}
interface StoredTag {
	id: string;
	name: string;
	createdAt: string;
}
export interface JournalRow {
	id: number;
	deploy_id: string;
	state: string;
	record: string;
}
export interface StoredCredential {
	id: string;
	name: string;
	type: string;
}
interface Misbehaviour {
	readonly method: string;
	readonly path: RegExp;
	/** How many matching requests pass before it starts. */
	readonly after?: number;
	/** `silent`: acts, then never answers. `html`: answers like a proxy. A number: that status, without acting. */
	readonly mode: 'silent' | 'html' | number;
}

const NODE_KEYS = new Set([
	'id',
	'name',
	'webhookId',
	'disabled',
	'notesInFlow',
	'notes',
	'type',
	'typeVersion',
	'executeOnce',
	'alwaysOutputData',
	'retryOnFail',
	'maxTries',
	'waitBetweenTries',
	'continueOnFail',
	'onError',
	'position',
	'parameters',
	'credentials',
]);
const WRITE_KEYS = new Set(['name', 'nodes', 'connections', 'settings', 'nodeGroups']);
const SETTING_KEYS = new Set([
	'saveExecutionProgress',
	'saveManualExecutions',
	'saveDataErrorExecution',
	'saveDataSuccessExecution',
	'executionTimeout',
	'errorWorkflow',
	'timezone',
	'executionOrder',
	'callerPolicy',
	'callerIds',
]);

class Answer extends Error {
	constructor(
		readonly status: number,
		readonly body: unknown,
	) {
		super(String(status));
	}
}
const refuse = (status: number, message: string): never => {
	throw new Answer(status, { message });
};

export class N8nStandIn {
	readonly workflows: StoredWorkflow[] = [];
	readonly credentials: StoredCredential[] = [];
	readonly tags: StoredTag[] = [];
	/** Rows of the one data table; null before it is made. */
	journal: JournalRow[] | null = null;
	/** What the gateway says at the public address; null: as n8n does when its webhook is not registered. */
	gatewayAnswer: { status: number; body: unknown; headers?: Record<string, string> } | null = {
		status: 404,
		body: { error: { code: 'TRF_CLIENT_UNKNOWN', message: 'No client with this address.' } },
	};
	/** Shown by the editor's page. */
	version = '2.40.5';
	installedPackage: string | null = null;
	/** Node keys of a later n8n. */
	readonly furtherNodeKeys = new Set<string>();
	/** Called before each request is handled. */
	onRequest: ((line: string) => void) | null = null;
	/** `METHOD /path` of every request, in order. */
	readonly requests: string[] = [];
	/** Names in the order in which they were published. */
	readonly published: string[] = [];
	pageSize = 100;
	misbehaviour: Misbehaviour | null = null;
	/** Loses this key of every node that is written. */
	loseNodeKey: string | null = null;
	private matched = 0;
	private rowCount = 0;
	private clockMs = Date.UTC(2026, 0, 1);
	private readonly server: Server;

	constructor() {
		this.server = createServer((request, response) => {
			void this.handle(request).then(({ status, body, silent, headers }) => {
				if (silent) return;
				const html = typeof body === 'string';
				response.writeHead(status, { 'content-type': html ? 'text/html' : 'application/json', ...headers });
				response.end(html ? body : JSON.stringify(body));
			});
		});
	}

	async start(): Promise<string> {
		await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
		return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
	}

	async stop(): Promise<void> {
		this.server.closeAllConnections();
		await new Promise((resolve) => this.server.close(resolve));
	}

	/** Writing requests for workflows and credentials. */
	get writes(): string[] {
		return this.requests.filter((line) => /^(?!GET )\S+ \/api\/v1\/(workflows|credentials)/.test(line));
	}

	/** All writing requests, lock and journal included. */
	get allWrites(): string[] {
		return this.requests.filter((line) => !line.startsWith('GET ') && line.includes('/api/'));
	}

	live(name: string): StoredWorkflow {
		const found = this.workflows.find((workflow) => workflow.name === name && !workflow.isArchived);
		if (found === undefined) throw new Error(`the stand-in has no workflow ${name}`);
		return found;
	}

	/** Something that a person made in the editor. */
	addWorkflow(name: string, isArchived = false): StoredWorkflow {
		const workflow: StoredWorkflow = {
			id: `wf${this.workflows.length + 1}`,
			name,
			nodes: [],
			connections: {},
			settings: {},
			versionId: randomUUID(),
			activeVersionId: null,
			isArchived,
			updatedAt: this.tick(),
			releaseName: null,
			versions: new Map(),
		};
		this.workflows.push(workflow);
		return workflow;
	}

	addCredential(name: string, type: string): StoredCredential {
		const credential = { id: `cred${this.credentials.length + 1}`, name, type };
		this.credentials.push(credential);
		return credential;
	}

	private tick(): string {
		this.clockMs += 1000;
		return new Date(this.clockMs).toISOString();
	}

	private async handle(
		request: IncomingMessage,
	): Promise<{ status: number; body: unknown; silent: boolean; headers?: Record<string, string> }> {
		const url = new URL(request.url ?? '/', 'http://stand-in');
		const method = request.method ?? 'GET';
		this.requests.push(`${method} ${url.pathname}`);
		this.onRequest?.(`${method} ${url.pathname}`);
		if (!url.pathname.startsWith('/api/')) return { silent: false, ...this.outside(method, url.pathname) };
		const mode = this.currentMisbehaviour(method, url.pathname);
		if (mode === 'html') return { status: 404, body: '<html>nothing here</html>', silent: false };
		if (typeof mode === 'number') return { status: mode, body: { message: 'as told by the test' }, silent: false };
		try {
			if (request.headers['x-n8n-api-key'] !== API_KEY) refuse(401, 'Unauthorized');
			const text = await readBody(request);
			const body = await this.route(method, url, text === '' ? {} : (JSON.parse(text) as Json));
			return { status: 200, body, silent: mode === 'silent' };
		} catch (error) {
			if (error instanceof Answer) return { status: error.status, body: error.body, silent: false };
			return { status: 500, body: { message: String(error) }, silent: false };
		}
	}

	/** What is not the API: the editor's page, the health check, the gateway. */
	private outside(method: string, path: string): { status: number; body: unknown; headers?: Record<string, string> } {
		if (path === '/') {
			const meta = Buffer.from(JSON.stringify({ dsn: '', release: `n8n@${this.version}` })).toString('base64');
			return { status: 200, body: `<meta name="n8n:config:sentry" content="${meta}">` };
		}
		if (path === '/healthz/readiness') return { status: 200, body: { status: 'ok' } };
		if (method === 'POST' && path.startsWith('/webhook/in/') && this.gatewayAnswer !== null) return this.gatewayAnswer;
		return { status: 404, body: { code: 404, message: 'The requested webhook is not registered.' } };
	}

	private currentMisbehaviour(method: string, path: string): Misbehaviour['mode'] | null {
		const wanted = this.misbehaviour;
		if (wanted === null || wanted.method !== method || !wanted.path.test(path)) return null;
		this.matched += 1;
		return this.matched > (wanted.after ?? 0) ? wanted.mode : null;
	}

	private route(method: string, url: URL, body: Json): unknown {
		const path = url.pathname.replace(/^\/api\/v1/, '');
		if (path === '/workflows' && method === 'GET') {
			const name = url.searchParams.get('name');
			const rows = this.workflows.filter((workflow) => name === null || workflow.name.includes(name));
			return this.page(
				rows.map((workflow) => this.present(workflow)),
				url,
			);
		}
		if (path === '/workflows' && method === 'POST')
			return this.present(this.save(this.addWorkflow(String(body.name)), body));
		if (path === '/credentials' && method === 'GET') return this.page(this.credentials, url);
		if (path === '/credentials' && method === 'POST') return this.addCredential(String(body.name), String(body.type));
		if (path.startsWith('/tags')) return this.routeTags(method, path, url, body);
		if (path.startsWith('/data-tables')) return this.routeTable(method, path, url, body);
		if (path === '/community-packages' && method === 'GET')
			return this.installedPackage === null
				? []
				: [{ packageName: 'n8n-nodes-truffles', installedVersion: this.installedPackage }];
		const match = /^\/workflows\/([^/]+)(?:\/(publish|unpublish|archive))?$/.exec(path);
		const workflow = this.workflows.find((candidate) => candidate.id === match?.[1]) ?? refuse(404, 'Not Found');
		if (match?.[2] !== undefined && method !== 'POST') return refuse(405, 'method not allowed');
		if (match?.[2] === 'publish') return this.publish(workflow, body);
		if (match?.[2] === 'unpublish') return this.unpublish(workflow);
		if (match?.[2] === 'archive') return this.archive(workflow);
		if (method === 'GET') return this.present(workflow);
		if (method === 'PUT') {
			if (workflow.isArchived) refuse(400, 'Cannot update an archived workflow.');
			this.save(workflow, body);
			if (workflow.activeVersionId !== null && url.searchParams.get('publishIfActive') !== 'false')
				this.publish(workflow, { versionId: workflow.versionId });
			return this.present(workflow);
		}
		return refuse(405, 'method not allowed');
	}

	private routeTags(method: string, path: string, url: URL, body: Json): unknown {
		if (method === 'GET') return this.page(this.tags, url);
		if (method === 'POST') {
			if (this.tags.some((tag) => tag.name === body.name)) refuse(409, 'Tag already exists');
			// The lock's age is read against the clock of the answer.
			const tag = { id: randomUUID(), name: String(body.name), createdAt: new Date().toISOString() };
			this.tags.push(tag);
			return tag;
		}
		const index = this.tags.findIndex((tag) => path === `/tags/${tag.id}`);
		return index === -1 ? refuse(404, 'Not Found') : this.tags.splice(index, 1)[0];
	}

	private routeTable(method: string, path: string, url: URL, body: Json): unknown {
		const table = { id: 'table1', name: 'truffles_deploys' };
		if (path === '/data-tables' && method === 'GET')
			return { data: this.journal === null ? [] : [table], nextCursor: null };
		if (path === '/data-tables' && method === 'POST') {
			this.journal = [];
			return table;
		}
		const rows = this.journal ?? refuse(404, 'Not Found');
		const { filters = [] } = (body.filter ?? JSON.parse(url.searchParams.get('filter') ?? '{}')) as {
			filters?: { columnName: string; condition: string; value: string | number }[];
		};
		const [filter] = filters;
		const isMeant = (row: JournalRow): boolean =>
			filter?.columnName === 'id' ? row.id <= Number(filter.value) : row.deploy_id === filter?.value;
		if (method === 'GET' && url.searchParams.get('sortBy') !== 'id:desc') refuse(400, 'rows are read newest first');
		if (method === 'GET') return this.page([...rows].reverse(), url);
		if (method === 'POST') {
			for (const row of body.data as Omit<JournalRow, 'id'>[]) rows.push({ ...row, id: (this.rowCount += 1) });
			return { insertedRows: 1 };
		}
		if (method === 'PATCH') {
			for (const row of rows) if (isMeant(row)) Object.assign(row, body.data);
			return true;
		}
		this.journal = rows.filter((row) => !isMeant(row));
		return true;
	}

	private page(rows: readonly unknown[], url: URL): Json {
		const offset = Number(url.searchParams.get('cursor') ?? 0);
		const size = Math.min(this.pageSize, Number(url.searchParams.get('limit') ?? 100));
		const next = offset + size;
		return { data: rows.slice(offset, next), nextCursor: next < rows.length ? String(next) : null };
	}

	private save(workflow: StoredWorkflow, body: Json): StoredWorkflow {
		const problem = this.schemaProblem(body);
		if (problem !== null) {
			if (workflow.nodes.length === 0) this.workflows.splice(this.workflows.indexOf(workflow), 1);
			refuse(400, `request/body ${problem}`);
		}
		const nodes = structuredClone(body.nodes) as StoredNode[];
		for (const node of nodes) if (this.loseNodeKey !== null) delete node[this.loseNodeKey];
		const before = JSON.stringify([workflow.nodes, workflow.connections]);
		workflow.name = String(body.name);
		workflow.nodes = nodes;
		workflow.connections = body.connections as Json;
		const merged = { ...workflow.settings, ...(body.settings as Json) };
		workflow.settings = Object.fromEntries(
			Object.entries(merged).filter(
				([key, value]) => value !== 'DEFAULT' && !(key === 'executionTimeout' && value === -1),
			),
		);
		if (JSON.stringify([workflow.nodes, workflow.connections]) !== before) workflow.versionId = randomUUID();
		workflow.versions.set(workflow.versionId, structuredClone({ nodes, connections: workflow.connections }));
		workflow.updatedAt = this.tick();
		return workflow;
	}

	private publish(workflow: StoredWorkflow, body: Json): unknown {
		const version = workflow.versions.get(String(body.versionId)) ?? refuse(404, 'Version not found');
		if (!version.nodes.some((node) => node.type.endsWith('Trigger')))
			refuse(400, 'Cannot publish workflow: it has no trigger node.');
		for (const node of version.nodes) {
			for (const [type, credential] of Object.entries((node.credentials ?? {}) as Record<string, Json>)) {
				if (!this.credentials.some(({ id }) => id === credential.id))
					refuse(400, `Cannot publish workflow: Node "${node.name}": Credential not configured: ${type}`);
			}
			if (node.type !== 'n8n-nodes-base.executeWorkflow') continue;
			const target = this.workflows.find(({ id }) => id === (node.parameters.workflowId as Json).value);
			if (target?.activeVersionId == null)
				refuse(400, `Cannot publish workflow: Node "${node.name}" references a workflow which is not published.`);
		}
		workflow.activeVersionId = String(body.versionId);
		workflow.releaseName = typeof body.name === 'string' ? body.name : null;
		workflow.updatedAt = this.tick();
		this.published.push(workflow.name);
		return this.present(workflow);
	}

	private unpublish(workflow: StoredWorkflow): unknown {
		workflow.activeVersionId = null;
		workflow.updatedAt = this.tick();
		return this.present(workflow);
	}

	private archive(workflow: StoredWorkflow): unknown {
		if (workflow.activeVersionId !== null) refuse(409, 'Workflow must be unpublished first');
		workflow.isArchived = true;
		return this.present(workflow);
	}

	/** Without a licence n8n keeps earlier versions for a day: forgets all but the draft and the live one. */
	forgetVersions(): void {
		for (const { versions, versionId, activeVersionId } of this.workflows)
			for (const id of versions.keys()) if (id !== versionId && id !== activeVersionId) versions.delete(id);
	}

	private schemaProblem(body: Json): string | null {
		for (const key of Object.keys(body)) if (!WRITE_KEYS.has(key)) return `Unrecognized key(s) in object: '${key}'`;
		for (const key of ['name', 'nodes', 'connections', 'settings'])
			if (!(key in body)) return `must have required property '${key}'`;
		for (const [index, node] of (body.nodes as Json[]).entries()) {
			for (const key of Object.keys(node))
				if (!NODE_KEYS.has(key) && !this.furtherNodeKeys.has(key))
					return `/nodes/${index} Unrecognized key(s) in object: '${key}'`;
		}
		for (const key of Object.keys(body.settings as Json))
			if (!SETTING_KEYS.has(key)) return `/settings Unrecognized key(s) in object: '${key}'`;
		return null;
	}

	/** n8n gives the keys of a node back in an order of its own. */
	private present(workflow: StoredWorkflow): Json {
		const nodes = workflow.nodes.map((node) => Object.fromEntries(Object.entries(node).reverse()));
		const { versions, activeVersionId } = workflow;
		const active = activeVersionId === null ? undefined : versions.get(activeVersionId);
		return {
			...workflow,
			releaseName: undefined,
			versions: undefined,
			activeVersion: active === undefined ? null : { versionId: activeVersionId, ...active },
			nodes,
			active: workflow.activeVersionId !== null,
			nodeGroups: [],
			staticData: null,
			pinData: null,
			meta: null,
			tags: [],
			createdAt: workflow.updatedAt,
		};
	}
}

async function readBody(request: IncomingMessage): Promise<string> {
	const parts: Buffer[] = [];
	for await (const part of request) parts.push(part as Buffer);
	return Buffer.concat(parts).toString('utf8');
}
