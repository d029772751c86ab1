import { readFile } from 'node:fs/promises';
import { createN8nApi, createN8nReader } from '../../lib/adapters/n8n-api';
import { createDeployStoreReader } from '../../lib/adapters/n8n-deploy-store';
import { FetchHttp } from '../../lib/adapters/fetch-http';
import type { WorkflowFolder } from '../../lib/adapters/workflow-files';
import { exportWorkflow } from '../../lib/workflows/export-workflow';
import { portableNames } from '../../lib/workflows/portable-workflow';
import { committedWorkflows, type DeployFixture, startDeployFixture } from '../support/deploy-fixture';
import { API_KEY, type N8nStandIn } from '../support/n8n-api-stand-in';

const SECRET = 'a-secret-that-nobody-prints';

let folder: WorkflowFolder;
let n8n: N8nStandIn;
let baseUrl: string;
let fixture: DeployFixture;

beforeAll(async () => {
	folder = await committedWorkflows();
});

beforeEach(async () => {
	({ n8n, fixture } = await startDeployFixture(folder));
	({ baseUrl } = fixture);
});

afterEach(() => n8n.stop());

const deploy: DeployFixture['deploy'] = (overrides) => fixture.deploy(overrides);

describe('the first deploy', () => {
	test('publishes every workflow after those it calls, and the gateway last', async () => {
		const lines: string[] = [];
		const report = await deploy({
			release: { name: 'abc123', description: 'test', commit: null, hasLocalChanges: true },
			onProgress: (line) => lines.push(line),
		});
		expect(report).toMatchObject({ result: 'done', problems: [], writes: 2 * folder.files.length });
		expect(n8n.published).toEqual([
			'9_Error_Handler',
			'8_Send_Response',
			'7_Handover',
			'6_GenerateResponse',
			'5_ClassifyIntent',
			'3_WhatsApp_Adapter',
			'2_Parse_Normalize',
			'1_Webhook_Gateway',
		]);
		expect(n8n.live('1_Webhook_Gateway').releaseName).toBe('abc123');
		expect(lines[5]).toBe('[6/8] 3_WhatsApp_Adapter created and published');
	});

	test('writes ids of this instance in place of keys and names', async () => {
		await deploy();
		const caller = n8n.live('7_Handover');
		const call = caller.nodes.find((node) => node.name === 'Call 8_Send_Response');
		expect(call?.parameters.workflowId).toMatchObject({
			__rl: true,
			mode: 'list',
			value: n8n.live('8_Send_Response').id,
			cachedResultName: '8_Send_Response',
		});
		expect(caller.settings.errorWorkflow).toBe(n8n.live('9_Error_Handler').id);
		const handover = caller.nodes.find((node) => node.name === 'Hand over to managers');
		expect(handover?.credentials).toEqual({ trufflesPlatformApi: { id: 'cred1', name: 'Truffles Platform' } });
	});
});

describe('the second deploy', () => {
	test('makes no writing request at all and moves no updatedAt', async () => {
		await deploy();
		const [before, requests] = [structuredClone(n8n.workflows), n8n.requests.length];
		expect(await deploy()).toMatchObject({ result: 'unchanged', writes: 0 });
		expect(n8n.requests.slice(requests)).toEqual([
			'GET /api/v1/workflows',
			'GET /api/v1/credentials',
			'GET /api/v1/data-tables',
			'GET /api/v1/data-tables/table1/rows',
		]);
		expect(n8n.workflows).toEqual(before);
	});

	test('finds a workflow on the last of many pages instead of creating it again', async () => {
		await deploy();
		for (let index = 0; index < 20; index += 1)
			n8n.workflows.unshift({ ...n8n.addWorkflow(`foreign ${index}`), id: `foreign${index}` });
		n8n.pageSize = 3;
		const writes = n8n.writes.length;
		expect(await deploy()).toMatchObject({ result: 'unchanged' });
		expect(n8n.writes).toHaveLength(writes);
	});

	test('an edit made in the editor is not written over, unless asked, and then only that is undone', async () => {
		await deploy();
		const trigger = n8n.live('2_Parse_Normalize').nodes.find((node) => node.name === 'Claim ready turns');
		Object.assign(trigger?.parameters ?? {}, { batchSize: 500 });
		const writes = n8n.allWrites.length;
		const blocked = await deploy();
		expect(blocked).toMatchObject({ result: 'blocked', problems: [{ code: 'live-edited', key: '2_Parse_Normalize' }] });
		expect(n8n.allWrites).toHaveLength(writes);
		const report = await deploy({ overwrite: new Set(['2_Parse_Normalize']) });
		expect(report.workflows.filter((workflow) => workflow.action !== 'unchanged')).toMatchObject([
			{
				key: '2_Parse_Normalize',
				action: 'update',
				state: 'drifted',
				changes: [{ kind: 'parameter', text: 'Claim ready turns: parameters.batchSize 500 -> 100' }],
			},
		]);
		expect(report.writes).toBe(2);
	});

	test('publishes what somebody unpublished, without saving it again', async () => {
		await deploy();
		n8n.live('8_Send_Response').activeVersionId = null;
		const writes = n8n.writes.length;
		expect(await fixture.plan({ overwrite: 'all' })).toMatchObject({ result: 'pending' });
		expect(await deploy({ overwrite: 'all' })).toMatchObject({ result: 'done', writes: 1 });
		expect(n8n.writes.slice(writes)).toEqual([`POST /api/v1/workflows/${n8n.live('8_Send_Response').id}/publish`]);
	});

	test('a workflow that was archived is created anew when asked, and its callers follow', async () => {
		await deploy();
		const old = n8n.live('8_Send_Response');
		old.isArchived = true;
		expect(await deploy()).toMatchObject({ result: 'blocked', problems: [{ code: 'live-edited' }] });
		expect(await deploy({ overwrite: 'all' })).toMatchObject({ result: 'done' });
		const call = n8n.live('6_GenerateResponse').nodes.find((node) => node.name === 'Call 8_Send_Response');
		expect(n8n.live('8_Send_Response').id).not.toBe(old.id);
		expect((call?.parameters.workflowId as { value: string }).value).toBe(n8n.live('8_Send_Response').id);
	});

	test('finds a workflow by its locked id, also beside another one of its name', async () => {
		await deploy();
		const lockedIds = new Map(n8n.workflows.map((workflow) => [workflow.name, workflow.id]));
		n8n.addWorkflow('8_Send_Response');
		expect(await deploy({ lockedIds })).toMatchObject({ result: 'unchanged' });
		const codes = (await deploy()).problems.map(({ code }) => code);
		expect(codes).toContain('name-ambiguous');
	});

	test('a locked id whose live name differs blocks, and one that is gone does not', async () => {
		await deploy();
		const lockedIds = new Map([
			['8_Send_Response', n8n.live('8_Send_Response').id],
			['7_Handover', 'gone'],
		]);
		expect(await deploy({ lockedIds })).toMatchObject({ result: 'unchanged' });
		n8n.live('8_Send_Response').name = 'Sending';
		const report = await deploy({ lockedIds });
		expect(report).toMatchObject({ result: 'blocked' });
		expect(report.problems.map(({ code }) => code)).toContain('lock-name-differs');
	});
});

describe('what a file says', () => {
	test('a disabled node stays disabled', async () => {
		await deploy({ files: fixture.withNodeChange('7_Handover', 'Managers informed', { disabled: true }) });
		expect(n8n.live('7_Handover').nodes.find((node) => node.name === 'Managers informed')?.disabled).toBe(true);
	});

	test('a setting that the file no longer names goes back to neutral, although n8n merges settings', async () => {
		await deploy({
			files: fixture.withChange('9_Error_Handler', ({ json }) => ({
				...json,
				settings: { ...json.settings, timezone: 'Asia/Almaty', executionTimeout: 60 },
			})),
		});
		expect(n8n.live('9_Error_Handler').settings).toMatchObject({ timezone: 'Asia/Almaty', executionTimeout: 60 });
		expect(await deploy()).toMatchObject({ result: 'done' });
		expect(n8n.live('9_Error_Handler').settings).not.toHaveProperty('timezone');
		expect(n8n.live('9_Error_Handler').settings).not.toHaveProperty('executionTimeout');
		expect(await deploy()).toMatchObject({ result: 'unchanged' });
	});

	test('a node key that this n8n does not know stops the deploy by name; it is not dropped', async () => {
		const report = await deploy({ files: fixture.withNodeChange('9_Error_Handler', 'Record error', { futureKey: 1 }) });
		expect(report).toMatchObject({ result: 'failed', writes: 0 });
		expect(report.problems[0]?.message).toContain('futureKey');
	});

	test('a node key that only a later n8n knows survives the way out, in and out again', async () => {
		n8n.furtherNodeKeys.add('futureKey');
		const files = fixture.withNodeChange('9_Error_Handler', 'Record error', { futureKey: { deep: [1, null] } });
		expect(await deploy({ files })).toMatchObject({ result: 'done' });
		const exported = async (): Promise<string> => {
			const [live] = await fixture.api.findWorkflows('9_Error_Handler');
			if (live === undefined) throw new Error('it is not there');
			const names = portableNames(new Map([[live.id, live.name]]), await fixture.api.listCredentials(), new Map());
			return exportWorkflow(live, names, files.find(({ key }) => key === live.name)?.json ?? null);
		};
		const first = await exported();
		expect(JSON.parse(first)).toEqual(files.find(({ key }) => key === '9_Error_Handler')?.json);
		expect(await deploy({ files, overwrite: 'all' })).toMatchObject({ result: 'unchanged' });
		expect(await exported()).toBe(first);
	});

	test('an export of every committed workflow gives back its file, byte for byte', async () => {
		await deploy();
		const live = await fixture.api.listWorkflows();
		const names = portableNames(
			new Map(live.map(({ id, name }) => [id, name])),
			await fixture.api.listCredentials(),
			new Map(),
		);
		for (const { key, json } of folder.files) {
			const workflow = live.find(({ name }) => name === key);
			if (workflow === undefined) throw new Error(`${key} is not there`);
			const file = await readFile(`${__dirname}/../../workflows/${key}.json`, 'utf8');
			expect(exportWorkflow(workflow, names, json)).toBe(file);
		}
	});

	test('a setting that is empty is not a setting that is left out', async () => {
		await deploy();
		const withTimezone = (timezone: string | undefined) =>
			fixture.withChange('9_Error_Handler', ({ json }) => ({
				...json,
				settings: { ...json.settings, ...(timezone === undefined ? {} : { timezone }) },
			}));
		expect(await deploy({ files: withTimezone('') })).toMatchObject({ result: 'done' });
		expect(n8n.live('9_Error_Handler').settings).toHaveProperty('timezone', '');
		expect(await fixture.plan({ files: withTimezone(undefined) })).toMatchObject({
			result: 'pending',
			workflows: [
				{ changes: [{ text: 'settings.timezone "" -> "DEFAULT"' }] },
				...Array(folder.files.length - 1).fill({}),
			],
		});
	});

	test('a credential that has another name here is used by that name, and the export says the common one', async () => {
		n8n.credentials.length = 0;
		n8n.addCredential('Truffles Platform (prod)', 'trufflesPlatformApi');
		n8n.addCredential('Truffles Models', 'trufflesModelApi');
		const bindings = new Map([['Truffles Platform', 'Truffles Platform (prod)']]);
		expect(await deploy()).toMatchObject({ result: 'blocked', problems: [{ code: 'credential-missing' }] });
		expect(await deploy({ bindings })).toMatchObject({ result: 'done' });
		const node = n8n.live('7_Handover').nodes.find(({ name }) => name === 'Hand over to managers');
		expect(node?.credentials).toEqual({ trufflesPlatformApi: { id: 'cred1', name: 'Truffles Platform (prod)' } });
		expect(await deploy({ bindings })).toMatchObject({ result: 'unchanged' });
	});
});

describe('plan', () => {
	test('makes no writing request, whatever is missing', async () => {
		n8n.credentials.length = 0;
		expect(await fixture.plan({ credentials: { 'Truffles Platform': {}, 'Truffles Models': {} } })).toMatchObject({
			result: 'pending',
			writes: 0,
		});
		expect(n8n.allWrites).toEqual([]);
	});

	test('has no way to write: its clients have no such method', () => {
		const access = fixture.access();
		expect(Object.keys(createN8nReader(access)).sort()).toEqual(
			['findWorkflows', 'getWorkflow', 'installedPackage', 'listCredentials', 'listWorkflows', 'n8nVersion'].sort(),
		);
		expect(Object.keys(createDeployStoreReader(access)).sort()).toEqual(['findLock', 'listEntries', 'listRecent']);
	});

	test('names the callers of what changes', async () => {
		await deploy();
		const files = fixture.withNodeChange('8_Send_Response', 'Send message', { notes: 'x' });
		const report = await fixture.plan({ files });
		expect(report.workflows.find(({ key }) => key === '8_Send_Response')).toMatchObject({
			state: 'pending',
			callers: ['2_Parse_Normalize', '6_GenerateResponse', '7_Handover'],
		});
	});
});

describe('blocked before the first write', () => {
	test('two live workflows of one name, and every missing credential, are reported together', async () => {
		n8n.addWorkflow('8_Send_Response');
		n8n.addWorkflow('8_Send_Response');
		n8n.credentials.length = 0;
		const report = await deploy();
		expect(report.result).toBe('blocked');
		expect(report.problems.map((problem) => problem.code).sort()).toEqual([
			'credential-missing',
			'credential-missing',
			'name-ambiguous',
		]);
		expect(n8n.writes).toEqual([]);
	});

	test('two credentials of one type and name are not guessed about', async () => {
		n8n.addCredential('Truffles Models', 'trufflesModelApi');
		const report = await deploy();
		expect(report).toMatchObject({ result: 'blocked', problems: [{ code: 'credential-ambiguous' }] });
		expect(n8n.writes).toEqual([]);
	});

	test('a credential of the right name but another type is no match', async () => {
		n8n.credentials.length = 0;
		n8n.addCredential('Truffles Models', 'openAiApi');
		n8n.addCredential('Truffles Platform', 'trufflesPlatformApi');
		expect(await deploy()).toMatchObject({ result: 'blocked', problems: [{ code: 'credential-missing' }] });
	});
});

describe('credentials from outside', () => {
	test('missing ones are created, existing ones are left alone, and no secret reaches the report', async () => {
		n8n.credentials.length = 1;
		const data = { 'Truffles Platform': { masterKey: SECRET }, 'Truffles Models': { apiKey: SECRET } };
		const report = await deploy({ credentials: data });
		expect(report.result).toBe('done');
		expect(n8n.credentials.map((credential) => credential.name)).toEqual(['Truffles Platform', 'Truffles Models']);
		expect(JSON.stringify(report)).not.toContain(SECRET);
		expect(await deploy({ credentials: data })).toMatchObject({ result: 'unchanged' });
	});
});

describe('when n8n misbehaves', () => {
	const brokenReads = [
		{ name: 'a server error on the list', mode: 500, path: /\/workflows$/ },
		{ name: 'a proxy that answers 404 with a page', mode: 'html', path: /\/workflows$/ },
		{ name: 'a list that never answers', mode: 'silent', path: /\/workflows$/ },
		{ name: 'a server error on the credentials', mode: 500, path: /\/credentials$/ },
		{ name: 'a 404 of the whole API', mode: 404, path: /./ },
	] as const;
	for (const { name, mode, path } of brokenReads) {
		test(`${name} never leads to a create`, async () => {
			n8n.misbehaviour = { method: 'GET', path, mode };
			expect(await deploy()).toMatchObject({ result: 'failed', writes: 0 });
			expect(n8n.writes).toEqual([]);
		});
	}

	test('one workflow is absent when n8n says so, and unknown when a proxy does', async () => {
		const api = createN8nApi({ http: new FetchHttp(), baseUrl, apiKey: API_KEY });
		expect(await api.getWorkflow('nobody')).toBeNull();
		n8n.misbehaviour = { method: 'GET', path: /./, mode: 'html' };
		await expect(api.getWorkflow('nobody')).rejects.toMatchObject({ code: 'TRF_N8N_REFUSED' });
	});

	test('a wrong API key fails without telling it', async () => {
		const report = await deploy({ apiKey: SECRET });
		expect(report).toMatchObject({ result: 'failed', problems: [{ code: 'TRF_N8N_REFUSED' }] });
		expect(JSON.stringify(report)).not.toContain(SECRET);
	});

	test('while saving fails half-way, everything that was live stays live', async () => {
		await deploy();
		const before = n8n.workflows.map((workflow) => workflow.activeVersionId);
		n8n.misbehaviour = { method: 'PUT', path: /./, after: 3, mode: 500 };
		expect(await deploy({ files: fixture.allMoved() })).toMatchObject({ result: 'failed', writes: 3 });
		expect(n8n.workflows.map((workflow) => workflow.activeVersionId)).toEqual(before);
	});

	test('a deploy that stopped while publishing is finished by the next one, without duplicates', async () => {
		n8n.misbehaviour = { method: 'POST', path: /\/publish$/, after: 2, mode: 503 };
		expect(await deploy()).toMatchObject({ result: 'failed' });
		n8n.misbehaviour = null;
		expect(await deploy()).toMatchObject({ result: 'done', writes: folder.files.length });
		expect(n8n.workflows).toHaveLength(folder.files.length);
		expect(n8n.workflows.every((workflow) => workflow.activeVersionId === workflow.versionId)).toBe(true);
	});

	test('a create that happened but was never answered is recognised by the next deploy', async () => {
		n8n.misbehaviour = { method: 'POST', path: /\/workflows$/, after: 1, mode: 'silent' };
		expect(await deploy()).toMatchObject({ result: 'failed', problems: [{ code: 'TRF_N8N_UNREACHABLE' }] });
		n8n.misbehaviour = null;
		expect(await deploy()).toMatchObject({ result: 'done' });
		expect(n8n.workflows).toHaveLength(folder.files.length);
	});

	test('a workflow that appears after the plan was made is not created a second time', async () => {
		const api = createN8nApi({ http: new FetchHttp(), baseUrl, apiKey: API_KEY });
		const late = { ...api, listWorkflows: async () => [] };
		n8n.addWorkflow('9_Error_Handler');
		expect(await deploy({ api: late })).toMatchObject({
			result: 'failed',
			writes: 0,
			problems: [{ code: 'TRF_DEPLOY_NOT_VERIFIED' }],
		});
	});

	test('a field that n8n loses on a write is found by reading back, and nothing is published', async () => {
		n8n.loseNodeKey = 'onError';
		const report = await deploy();
		expect(report).toMatchObject({ result: 'failed', problems: [{ code: 'TRF_DEPLOY_NOT_VERIFIED' }] });
		expect(n8n.published).toEqual([]);
	});
});
