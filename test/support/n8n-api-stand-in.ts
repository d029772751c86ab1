import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * n8n's public API as far as the deployer uses it, with the rules read and tried in n8n 2.40.5: closed schema, pages,
 * settings merged on PUT, a version per change of nodes or connections, publishing validates. It can misbehave.
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
	/** `METHOD /path` of every request, in order. */
	readonly requests: string[] = [];
	/** Names in the order in which they were published. */
	readonly published: string[] = [];
	pageSize = 100;
	misbehaviour: Misbehaviour | null = null;
	/** Loses this key of every node that is written. */
	loseNodeKey: string | null = null;
	private matched = 0;
	private clockMs = Date.UTC(2026, 0, 1);
	private readonly server: Server;

	constructor() {
		this.server = createServer((request, response) => {
			void this.handle(request).then(({ status, body, silent }) => {
				if (silent) return;
				const html = typeof body === 'string';
				response.writeHead(status, { 'content-type': html ? 'text/html' : 'application/json' });
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

	get writes(): string[] {
		return this.requests.filter((line) => !line.startsWith('GET '));
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

	private async handle(request: IncomingMessage): Promise<{ status: number; body: unknown; silent: boolean }> {
		const url = new URL(request.url ?? '/', 'http://stand-in');
		const method = request.method ?? 'GET';
		this.requests.push(`${method} ${url.pathname}`);
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
		const match = /^\/workflows\/([^/]+)(\/publish)?$/.exec(path);
		const workflow = this.workflows.find((candidate) => candidate.id === match?.[1]) ?? refuse(404, 'Not Found');
		if (match?.[2] !== undefined && method === 'POST') return this.publish(workflow, body);
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

	private page(rows: readonly unknown[], url: URL): Json {
		const offset = Number(url.searchParams.get('cursor') ?? 0);
		const size = Math.min(this.pageSize, Number(url.searchParams.get('limit') ?? 100));
		const next = offset + size;
		return { data: rows.slice(offset, next), nextCursor: next < rows.length ? String(next) : null };
	}

	private save(workflow: StoredWorkflow, body: Json): StoredWorkflow {
		const problem = schemaProblem(body);
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
		workflow.updatedAt = this.tick();
		return workflow;
	}

	private publish(workflow: StoredWorkflow, body: Json): unknown {
		if (body.versionId !== workflow.versionId) refuse(404, 'Version not found');
		if (!workflow.nodes.some((node) => node.type.endsWith('Trigger')))
			refuse(400, 'Cannot publish workflow: it has no trigger node.');
		for (const node of workflow.nodes) {
			for (const [type, credential] of Object.entries((node.credentials ?? {}) as Record<string, Json>)) {
				if (!this.credentials.some(({ id }) => id === credential.id))
					refuse(400, `Cannot publish workflow: Node "${node.name}": Credential not configured: ${type}`);
			}
			if (node.type !== 'n8n-nodes-base.executeWorkflow') continue;
			const target = this.workflows.find(({ id }) => id === (node.parameters.workflowId as Json).value);
			if (target?.activeVersionId == null)
				refuse(400, `Cannot publish workflow: Node "${node.name}" references a workflow which is not published.`);
		}
		workflow.activeVersionId = workflow.versionId;
		workflow.releaseName = typeof body.name === 'string' ? body.name : null;
		workflow.updatedAt = this.tick();
		this.published.push(workflow.name);
		return this.present(workflow);
	}

	/** n8n gives the keys of a node back in an order of its own. */
	private present(workflow: StoredWorkflow): Json {
		const nodes = workflow.nodes.map((node) => Object.fromEntries(Object.entries(node).reverse()));
		return {
			...workflow,
			releaseName: undefined,
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

function schemaProblem(body: Json): string | null {
	for (const key of Object.keys(body)) if (!WRITE_KEYS.has(key)) return `Unrecognized key(s) in object: '${key}'`;
	for (const key of ['name', 'nodes', 'connections', 'settings'])
		if (!(key in body)) return `must have required property '${key}'`;
	for (const [index, node] of (body.nodes as Json[]).entries()) {
		for (const key of Object.keys(node))
			if (!NODE_KEYS.has(key)) return `/nodes/${index} Unrecognized key(s) in object: '${key}'`;
	}
	for (const key of Object.keys(body.settings as Json))
		if (!SETTING_KEYS.has(key)) return `/settings Unrecognized key(s) in object: '${key}'`;
	return null;
}

async function readBody(request: IncomingMessage): Promise<string> {
	const parts: Buffer[] = [];
	for await (const part of request) parts.push(part as Buffer);
	return Buffer.concat(parts).toString('utf8');
}
