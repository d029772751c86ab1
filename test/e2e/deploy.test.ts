/** Deploys against the real n8n: what the stand-in of the integration tests is believed to do, n8n does. */
import { join } from 'node:path';
import { FetchHttp } from '../../lib/adapters/fetch-http';
import { createN8nApi } from '../../lib/adapters/n8n-api';
import { readWorkflowFolder, type WorkflowFolder } from '../../lib/adapters/workflow-files';
import type { LiveWorkflow, N8nApi } from '../../lib/ports/n8n-api';
import { deployWorkflows, type DeployReport } from '../../lib/workflows/deploy-workflows';
import type { WorkflowFile } from '../../lib/workflows/workflow-file';
import { startStack, type RunningTestStack } from '../support/stack';

const PROBE_CLIENT = 'nobody_of_this_name';

let stack: RunningTestStack;
let api: N8nApi;
let folder: WorkflowFolder;

beforeAll(async () => {
	stack = await startStack();
	api = createN8nApi({ http: new FetchHttp(), baseUrl: stack.n8nUrl, apiKey: stack.apiKey });
	folder = await readWorkflowFolder(join(__dirname, '..', '..', 'workflows'));
}, 600_000);

afterAll(async () => {
	await stack?.stop();
}, 60_000);

const deploy = (files: readonly WorkflowFile[] = folder.files): Promise<DeployReport> =>
	deployWorkflows({ api, files, inventory: folder.inventory });

const state = async (): Promise<
	Record<string, Pick<LiveWorkflow, 'id' | 'versionId' | 'activeVersionId' | 'updatedAt'>>
> =>
	Object.fromEntries(
		(await api.listWorkflows()).map(({ name, id, versionId, activeVersionId, updatedAt }) => [
			name,
			{ id, versionId, activeVersionId, updatedAt },
		]),
	);

/** The gateway's own answer to a client that does not exist; n8n's answer to an unregistered address has another body. */
async function gatewayAnswers(): Promise<boolean> {
	const response = await fetch(`${stack.n8nUrl}/webhook/in/whatsapp/${PROBE_CLIENT}`, {
		method: 'POST',
		headers: { 'content-type': 'application/json' },
		body: '{}',
	});
	return response.status === 404 && (await response.text()).includes('TRF_CLIENT_UNKNOWN');
}

test('a deploy of what is deployed writes nothing: no version and no updatedAt moves', async () => {
	const before = await state();
	expect(Object.keys(before).sort()).toEqual(folder.files.map((file) => file.key).sort());
	expect(await deploy()).toMatchObject({ result: 'unchanged', writes: 0, problems: [] });
	expect(await state()).toEqual(before);
}, 60_000);

test('everything is live as saved', async () => {
	for (const [name, workflow] of Object.entries(await state())) {
		expect({ name, live: workflow.activeVersionId }).toEqual({ name, live: workflow.versionId });
	}
}, 60_000);

test('changes of every workflow go live while the gateway answers every request, and back again', async () => {
	const moved = folder.files.map(({ key, json }) => ({
		key,
		json: {
			...json,
			nodes: json.nodes.map((node) => ({ ...node, position: [(node.position[0] ?? 0) + 160, node.position[1] ?? 0] })),
		},
	}));
	let deploying = true;
	const answers: boolean[] = [];
	const probing = (async () => {
		while (deploying) answers.push(await gatewayAnswers());
	})();
	const reports = [await deploy(moved), await deploy()];
	deploying = false;
	await probing;
	expect(reports.map(({ result, writes }) => ({ result, writes }))).toEqual(
		[0, 1].map(() => ({ result: 'done', writes: 2 * folder.files.length })),
	);
	expect(answers.length).toBeGreaterThan(10);
	expect(answers.every(Boolean)).toBe(true);
}, 120_000);

test('a setting that the file no longer names is gone after the deploy, although n8n merges settings', async () => {
	const key = '9_Error_Handler';
	const files = folder.files.map((file) =>
		file.key === key
			? {
					key,
					json: {
						...file.json,
						settings: {
							...file.json.settings,
							timezone: 'Asia/Almaty',
							executionTimeout: 60,
							saveExecutionProgress: true,
						},
					},
				}
			: file,
	);
	expect(await deploy(files)).toMatchObject({ result: 'done' });
	expect(await deploy()).toMatchObject({ result: 'done' });
	const live = (await api.findWorkflows(key))[0];
	expect(live?.body.settings).toMatchObject({ saveExecutionProgress: false });
	expect(live?.body.settings).not.toHaveProperty('timezone');
	expect(live?.body.settings).not.toHaveProperty('executionTimeout');
	expect(await deploy()).toMatchObject({ result: 'unchanged' });
}, 60_000);
