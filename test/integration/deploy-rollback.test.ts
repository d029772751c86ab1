/** The way back to what was there before a deploy. */
import type { WorkflowFolder } from '../../lib/adapters/workflow-files';
import { TrufflesError } from '../../lib/errors';
import { createDeployStore } from '../../lib/adapters/n8n-deploy-store';
import { committedWorkflows, type DeployFixture, startDeployFixture } from '../support/deploy-fixture';
import { type N8nStandIn } from '../support/n8n-api-stand-in';

jest.setTimeout(30_000);

let folder: WorkflowFolder;
let n8n: N8nStandIn;
let fixture: DeployFixture;

beforeAll(async () => {
	folder = await committedWorkflows();
});

beforeEach(async () => {
	({ n8n, fixture } = await startDeployFixture(folder, 500));
});

afterEach(() => n8n.stop());

describe('rollback', () => {
	test('brings back what was there before the last deploy, within a second', async () => {
		await fixture.deploy();
		const before = await fixture.contents();
		await fixture.deploy({ files: fixture.allChanged() });
		expect(await fixture.rollback({ kind: 'previous' }, { dryRun: true })).toMatchObject({ result: 'pending' });
		expect(await fixture.rollback()).toMatchObject({ result: 'done', problems: [] });
		expect(await fixture.contents()).toEqual(before);
		expect(n8n.live('1_Webhook_Gateway').activeVersionId).toBe(n8n.live('1_Webhook_Gateway').versionId);
		expect(await fixture.deploy()).toMatchObject({ result: 'unchanged' });
	});

	test('works when n8n has forgotten the earlier versions', async () => {
		await fixture.deploy();
		const before = await fixture.contents();
		await fixture.deploy({ files: fixture.allChanged() });
		n8n.forgetVersions();
		expect(await fixture.rollback()).toMatchObject({ result: 'done', problems: [] });
		expect(await fixture.contents()).toEqual(before);
	});

	test('goes back over several deploys to the one that is named', async () => {
		const first = await fixture.deploy();
		const before = await fixture.contents();
		await fixture.deploy({ files: fixture.allChanged(160) });
		await fixture.deploy({ files: fixture.allChanged(320) });
		const report = await fixture.rollback({ kind: 'deploy', deployId: String(first.deployId) });
		expect(report).toMatchObject({ result: 'done', target: first.deployId });
		expect(report.undone).toHaveLength(2);
		expect(await fixture.contents()).toEqual(before);
		expect(await fixture.rollback({ kind: 'deploy', deployId: 'unknown' })).toMatchObject({ result: 'blocked' });
	});

	test('twice in a row goes back twice', async () => {
		await fixture.deploy();
		const before = await fixture.contents();
		await fixture.deploy({ files: fixture.allChanged(160) });
		await fixture.deploy({ files: fixture.allChanged(320) });
		await fixture.rollback();
		await fixture.rollback();
		expect(await fixture.contents()).toEqual(before);
	});

	test('finds the deploy of a commit, unless its files had local changes', async () => {
		const origin = { name: 'x', description: '', commit: 'c1', hasLocalChanges: false };
		await fixture.deploy({ release: origin });
		await fixture.deploy({
			files: fixture.allChanged(160),
			release: { ...origin, commit: 'c2', hasLocalChanges: true },
		});
		await fixture.deploy({ files: fixture.allChanged(320), release: { ...origin, commit: 'c3' } });
		expect(await fixture.rollback({ kind: 'commit', commit: 'c2' })).toMatchObject({ result: 'blocked' });
		expect(await fixture.rollback({ kind: 'commit', commit: 'c1' })).toMatchObject({ result: 'done' });
	});

	test('does not undo a deploy that ended between the look and the lock', async () => {
		await fixture.deploy();
		await fixture.deploy({ files: fixture.allChanged(160) });
		const store = createDeployStore(fixture.access());
		const takeLock = async (): Promise<string | null> => {
			await fixture.deploy({ files: fixture.allChanged(320) });
			return await store.takeLock();
		};
		const report = await fixture.rollback({ kind: 'previous' }, { store: { ...store, takeLock } });
		expect(report).toMatchObject({ result: 'blocked', problems: [{ code: 'rollback-moved' }] });
		expect(await fixture.deploy({ files: fixture.allChanged(320) })).toMatchObject({ result: 'unchanged' });
		expect(n8n.tags).toEqual([]);
	});

	test('a version whose contents were not told is not taken as restored when n8n has forgotten it', async () => {
		await fixture.deploy();
		const file = fixture.withNodeChange('9_Error_Handler', 'Record error', { notes: 'draft' });
		const [live] = await fixture.api.findWorkflows('9_Error_Handler');
		const node = file.find(({ key }) => key === '9_Error_Handler')?.json.nodes ?? [];
		if (live === undefined) throw new Error('it is not there');
		const known = live.body.nodes.map((entry) => ({ ...entry, notes: node.find(({ id }) => id === entry.id)?.notes }));
		await fixture.api.updateWorkflow(live.id, { ...live.body, nodes: known });
		const untold = async () =>
			(await fixture.api.listWorkflows()).map((workflow) =>
				workflow.versionId === workflow.activeVersionId ? workflow : { ...workflow, activeBody: null },
			);
		await fixture.deploy({
			files: fixture.allChanged(),
			overwrite: 'all',
			api: { ...fixture.api, listWorkflows: untold },
		});
		n8n.forgetVersions();
		expect(await fixture.rollback()).toMatchObject({
			result: 'failed',
			problems: [{ code: 'not-restored', key: '9_Error_Handler' }],
		});
	});

	test('keeps an unpublished edit a draft', async () => {
		await fixture.deploy();
		const [live] = await fixture.api.findWorkflows('8_Send_Response');
		if (live === undefined) throw new Error('it is not there');
		const edited = live.body.nodes.map((node) => ({ ...node, notes: 'being edited' }));
		await fixture.api.updateWorkflow(live.id, { ...live.body, nodes: edited });
		const before = await fixture.contents();
		await fixture.deploy({ files: fixture.allChanged(), overwrite: 'all' });
		await fixture.rollback();
		expect(await fixture.contents()).toEqual(before);
		const after = n8n.live('8_Send_Response');
		expect(after.versionId).not.toBe(after.activeVersionId);
	});

	test('says what could not be brought back, and brings back the rest', async () => {
		await fixture.deploy();
		await fixture.deploy({ files: fixture.allChanged() });
		n8n.live('3_WhatsApp_Adapter').isArchived = true;
		const report = await fixture.rollback();
		expect(report).toMatchObject({ result: 'failed', problems: [{ code: 'not-restored', key: '3_WhatsApp_Adapter' }] });
		expect(n8n.live('1_Webhook_Gateway').settings).not.toHaveProperty('timezone');
	});

	test('when prompts cannot be brought back, the same rollback is repeated, and none goes further', async () => {
		await fixture.deploy();
		await fixture.deploy({ files: fixture.allChanged(160) });
		const before = await fixture.contents();
		await fixture.deploy({ files: fixture.allChanged(320) });
		const restorePrompts = async (): Promise<string> => {
			throw new TrufflesError('TRF_DB_UNREACHABLE', { detail: 'told by the test' });
		};
		const failed = await fixture.rollback({ kind: 'previous' }, { restorePrompts });
		expect(failed).toMatchObject({ result: 'failed', problems: [{ code: 'TRF_DB_UNREACHABLE' }] });
		expect(await fixture.rollback()).toMatchObject({ result: 'done' });
		expect(await fixture.contents()).toEqual(before);
	});

	test('a gateway that does not answer afterwards is told, with the advice not to go further back', async () => {
		await fixture.deploy();
		await fixture.deploy({ files: fixture.allChanged() });
		n8n.gatewayAnswer = null;
		expect(await fixture.rollback()).toMatchObject({
			result: 'failed',
			problems: [{ code: 'TRF_DEPLOY_PROBE_FAILED' }],
			notes: [expect.stringContaining('the earlier versions are back')],
		});
	});

	test('the journal keeps twenty deploys', async () => {
		for (let run = 0; run < 21; run += 1)
			await fixture.deploy({
				files: fixture.withNodeChange('9_Error_Handler', 'Record error', { notes: String(run) }),
			});
		expect(n8n.journal).toHaveLength(20);
		expect(await fixture.rollback()).toMatchObject({ result: 'done' });
	});
});
