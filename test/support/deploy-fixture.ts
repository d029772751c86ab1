/** The deployer in this process against the stand-in: what the tests of deploying share. */
import { join } from 'node:path';
import { FetchHttp } from '../../lib/adapters/fetch-http';
import { createGatewayProbe } from '../../lib/adapters/gateway-probe';
import { sha256Hex } from '../../lib/adapters/migrate-database';
import { createN8nApi } from '../../lib/adapters/n8n-api';
import { createDeployStore } from '../../lib/adapters/n8n-deploy-store';
import { readWorkflowFolder, type WorkflowFolder } from '../../lib/adapters/workflow-files';
import type { N8nApi } from '../../lib/ports/n8n-api';
import { applyRelease, type ApplyOptions } from '../../lib/workflows/apply-release';
import { planReport, type DeployReport } from '../../lib/workflows/deploy-report';
import { viewDeploy, type DeploySource } from '../../lib/workflows/deploy-view';
import {
	rollbackRelease,
	type RollbackOptions,
	type RollbackReport,
	type RollbackTarget,
} from '../../lib/workflows/rollback-release';
import type { WorkflowFile, WorkflowNode } from '../../lib/workflows/workflow-file';
import { hashLive } from '../../lib/workflows/workflow-hash';
import { API_KEY, N8nStandIn } from './n8n-api-stand-in';

const WORKFLOWS = join(__dirname, '..', '..', 'workflows');
/** The stand-in answers at once; what does not answer is meant not to. */
const TIMEOUT_MS = 2_000;

/** The committed workflows. */
export async function committedWorkflows(): Promise<WorkflowFolder> {
	const folder = await readWorkflowFolder(WORKFLOWS);
	if (folder.problems.length > 0) throw new Error(JSON.stringify(folder.problems));
	return folder;
}

/** An n8n with the credentials that the workflows need, and the deployer of its address. */
export async function startDeployFixture(
	folder: WorkflowFolder,
	timeoutMs?: number,
): Promise<{ readonly n8n: N8nStandIn; readonly fixture: DeployFixture }> {
	const n8n = new N8nStandIn();
	const fixture = new DeployFixture(await n8n.start(), folder, timeoutMs);
	for (const { name, type } of folder.inventory) n8n.addCredential(name, type);
	return { n8n, fixture };
}

type Overrides = Partial<Omit<ApplyOptions, 'source'>> & Partial<DeploySource> & { readonly apiKey?: string };

/** Deploys to one address. Time goes forward by itself: pauses cost nothing. */
export class DeployFixture {
	readonly lines: string[] = [];
	private nowMs = 0;
	private deploys = 0;

	constructor(
		readonly baseUrl: string,
		readonly folder: WorkflowFolder,
		private readonly timeoutMs = TIMEOUT_MS,
		private readonly key = API_KEY,
	) {}

	access(apiKey = this.key): { http: FetchHttp; baseUrl: string; apiKey: string; timeoutMs: number } {
		return { http: new FetchHttp(), baseUrl: this.baseUrl, apiKey, timeoutMs: this.timeoutMs };
	}

	get api(): N8nApi {
		return createN8nApi(this.access());
	}

	deploy(overrides: Overrides = {}): Promise<DeployReport> {
		const { files, inventory, credentials, bindings, lockedIds, overwrite, n8nVersion, apiKey, ...rest } = overrides;
		this.deploys += 1;
		return applyRelease({
			...this.tools(),
			api: createN8nApi(this.access(apiKey)),
			store: createDeployStore(this.access(apiKey)),
			source: this.source({ files, inventory, credentials, bindings, lockedIds, overwrite, n8nVersion }),
			release: { name: 'abc1234', description: 'test', commit: 'abc1234', hasLocalChanges: false },
			deployId: `20260101T${String(this.deploys).padStart(6, '0')}Z-abc1234-0000`,
			...rest,
		});
	}

	async plan(overrides: Partial<DeploySource> = {}): Promise<DeployReport> {
		const access = this.access();
		return planReport((await viewDeploy(createN8nApi(access), createDeployStore(access), this.source(overrides))).plan);
	}

	rollback(
		target: RollbackTarget = { kind: 'previous' },
		overrides: Partial<RollbackOptions> = {},
	): Promise<RollbackReport> {
		return rollbackRelease({
			...this.tools(),
			api: createN8nApi(this.access()),
			store: createDeployStore(this.access()),
			target,
			dryRun: false,
			...overrides,
		});
	}

	/** The committed files with one of them changed. */
	withChange(key: string, change: (file: WorkflowFile) => WorkflowFile['json']): WorkflowFile[] {
		return this.folder.files.map((file) => (file.key === key ? { key, json: change(file) } : file));
	}

	withNodeChange(key: string, nodeName: string, patch: Record<string, unknown>): WorkflowFile[] {
		return this.withChange(key, ({ json }) => ({
			...json,
			nodes: json.nodes.map((node): WorkflowNode => (node.name === nodeName ? { ...node, ...patch } : node)),
		}));
	}

	/** What is saved and live of every workflow, whatever its versions are called. */
	async contents(): Promise<Record<string, string>> {
		const live = (await this.api.listWorkflows()).filter(({ isArchived }) => !isArchived);
		return Object.fromEntries(live.map((workflow) => [workflow.name, hashLive(workflow, [], sha256Hex)]));
	}

	/** Every workflow changed in its nodes and in its settings. */
	allChanged(by = 160): WorkflowFile[] {
		return this.allMoved(by).map(({ key, json }) => ({
			key,
			json: { ...json, settings: { ...json.settings, timezone: 'Asia/Almaty' } },
		}));
	}

	/** Every workflow of the committed files with its nodes moved: a change of each, and of nothing that runs. */
	allMoved(by = 160): WorkflowFile[] {
		return this.folder.files.map(({ key, json }) => ({
			key,
			json: {
				...json,
				nodes: json.nodes.map((node) => ({
					...node,
					position: [(node.position[0] ?? 0) + by, node.position[1] ?? 0],
				})),
			},
		}));
	}

	private source(overrides: { [K in keyof DeploySource]?: DeploySource[K] | undefined }): DeploySource {
		const given = Object.fromEntries(Object.entries(overrides).filter(([, value]) => value !== undefined));
		return { files: this.folder.files, inventory: this.folder.inventory, sha256: sha256Hex, ...given };
	}

	private tools() {
		return {
			by: { host: 'test', pid: 1 },
			isGone: () => false,
			monotonicMs: () => this.nowMs,
			sleep: async (ms: number) => void (this.nowMs += ms),
			now: () => new Date(Date.UTC(2026, 0, 1)),
			onProgress: (line: string) => void this.lines.push(line),
			probe: createGatewayProbe(new FetchHttp(), this.baseUrl),
			takeOver: false,
		};
	}
}
