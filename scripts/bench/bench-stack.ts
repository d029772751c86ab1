/** A whole stack under load: real n8n, real PostgreSQL, light stand-ins for the channel and the model. */
import { FetchHttp } from '../../lib/adapters/fetch-http';
import { createN8nApi } from '../../lib/adapters/n8n-api';
import { createPgDb, type PgDb } from '../../lib/adapters/pg-db';
import type { WorkflowBody } from '../../lib/ports/n8n-api';
import { DEMO_SLUG } from '../stack/demo-client';
import { type TemporaryStack, withTemporaryStack } from '../stack/temporary-stack';
import { type LoadWorld, startLoadWorld } from './load/load-world';
import { parentOf } from './process-usage';

/** A webhook that does nothing: what n8n itself costs. Addresses of one part are clients' (hooks/front-door.ts). */
const BARE_PATH = 'bench/bare';
const PUBLISH_SETTLES_MS = 1_000;

export interface BenchStack extends TemporaryStack {
	/** As the administrator. */
	readonly admin: PgDb;
	readonly world: LoadWorld;
	readonly bareUrl: string;
	/** Address of the demo salon's WhatsApp door, and what opens it. */
	readonly gatewayUrl: string;
	readonly gatewayHeaders: Readonly<Record<string, string>>;
	readonly postgresPid: number;
	/** Changes how long the demo salon waits for the rest of a burst. */
	setBurstWait(waitMs: number): Promise<void>;
	/** Changes "Turns per Execution" of the inbox trigger; resolves to what it was. */
	setBatchSize(turns: number): Promise<number>;
}

/** No wait for the rest of a burst, so that latency is the system's own; nobody is limited. */
export const LOAD_SETTINGS = {
	burst: { completeMs: 0, fragmentMs: 0, maxMs: 0 },
	rateLimitPerMinute: 1_000_000,
};

/** Starts stack and load process, runs `work`, stops both. */
export async function withBenchStack<T>(work: (stack: BenchStack) => Promise<T>): Promise<T> {
	const world = await startLoadWorld();
	try {
		return await withTemporaryStack({ baseUrl: world.modelUrl }, async (stack) => {
			const admin = createPgDb({
				connectionString: stack.databaseAdminUrl,
				applicationName: 'bench',
				statementTimeoutMs: 0,
			});
			try {
				const postgresPid = await findPostgres(admin);
				await applyLoadSettings(admin, world);
				const bare = await publishBareWebhook(stack);
				return await work({
					...stack,
					admin,
					world,
					postgresPid,
					bareUrl: bare,
					gatewayUrl: `${stack.n8nUrl}/webhook/in/whatsapp/${DEMO_SLUG}`,
					gatewayHeaders: { 'x-webhook-secret': stack.client.webhookSecret },
					setBurstWait: async (waitMs) => {
						await changeSettings(admin, { burst: { completeMs: waitMs, fragmentMs: waitMs, maxMs: waitMs } });
					},
					setBatchSize: async (turns) => await setBatchSize(stack, turns),
				});
			} finally {
				await admin.close();
			}
		});
	} finally {
		world.stop();
	}
}

async function findPostgres(admin: PgDb): Promise<number> {
	const { rows } = await admin.query<{ pid: number }>('select pg_backend_pid() as pid');
	return parentOf(rows[0]?.pid ?? 0);
}

async function applyLoadSettings(admin: PgDb, world: LoadWorld): Promise<void> {
	await changeSettings(admin, LOAD_SETTINGS);
	await admin.query(
		`update truffles.client_settings s set settings = jsonb_set(s.settings, '{channels,whatsapp,baseUrl}', to_jsonb($2::text))
		   from truffles.clients c where c.id = s.client_id and c.slug = $1`,
		[DEMO_SLUG, world.chatflowUrl],
	);
}

async function changeSettings(admin: PgDb, settings: Readonly<Record<string, unknown>>): Promise<void> {
	await admin.query(
		`update truffles.client_settings s set settings = s.settings || $2::jsonb
		   from truffles.clients c where c.id = s.client_id and c.slug = $1`,
		[DEMO_SLUG, JSON.stringify(settings)],
	);
	await admin.query('update truffles.clients set config_version = config_version + 1 where slug = $1', [DEMO_SLUG]);
}

/** The yardstick runs with the settings of our own workflows. */
async function publishBareWebhook(stack: TemporaryStack): Promise<string> {
	const api = apiOf(stack);
	const flow = await findWorkflow(stack, '2_Parse_Normalize');
	const { errorWorkflow: _handler, ...settings } = flow.body.settings;
	const created = await api.createWorkflow({
		name: 'Bench: bare webhook',
		nodes: [
			{
				id: '5f0d2f6a-6d2b-4a2e-8d57-5b8f0f4a7c01',
				name: 'Webhook',
				type: 'n8n-nodes-base.webhook',
				typeVersion: 2,
				position: [0, 0],
				webhookId: '5f0d2f6a-6d2b-4a2e-8d57-5b8f0f4a7c02',
				parameters: { httpMethod: 'POST', path: BARE_PATH, responseMode: 'lastNode', options: {} },
			},
			{
				id: '5f0d2f6a-6d2b-4a2e-8d57-5b8f0f4a7c03',
				name: 'Do nothing',
				type: 'n8n-nodes-base.noOp',
				typeVersion: 1,
				position: [208, 0],
				parameters: {},
			},
		],
		connections: { Webhook: { main: [[{ node: 'Do nothing', type: 'main', index: 0 }]] } },
		settings,
	});
	await api.publishWorkflow(created.id, { versionId: created.versionId, name: 'bench', description: '' });
	return `${stack.n8nUrl}/webhook/${BARE_PATH}`;
}

async function setBatchSize(stack: TemporaryStack, turns: number): Promise<number> {
	const api = apiOf(stack);
	const { id, body } = await findWorkflow(stack, '2_Parse_Normalize');
	const trigger = body.nodes.find(({ type }) => type === 'n8n-nodes-truffles.trufflesInboxTrigger');
	if (trigger === undefined) throw new Error('2_Parse_Normalize has no inbox trigger.');
	const parameters = trigger.parameters as { readonly batchSize: number };
	const nodes = body.nodes.map((node) =>
		node === trigger ? { ...node, parameters: { ...parameters, batchSize: turns } } : node,
	);
	const saved = await api.updateWorkflow(id, { ...body, nodes });
	await api.publishWorkflow(id, { versionId: saved.versionId, name: `batch size ${turns}`, description: '' });
	await new Promise((resolve) => setTimeout(resolve, PUBLISH_SETTLES_MS));
	return parameters.batchSize;
}

async function findWorkflow(stack: TemporaryStack, name: string): Promise<{ id: string; body: WorkflowBody }> {
	const [found] = await apiOf(stack).findWorkflows(name);
	if (found === undefined) throw new Error(`There is no workflow ${name}.`);
	return found;
}

function apiOf(stack: TemporaryStack): ReturnType<typeof createN8nApi> {
	return createN8nApi({ http: new FetchHttp(), baseUrl: stack.n8nUrl, apiKey: stack.apiKey });
}
