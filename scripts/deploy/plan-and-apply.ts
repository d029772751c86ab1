import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { sha256Hex } from '../../lib/adapters/migrate-database';
import { createN8nApi, createN8nReader } from '../../lib/adapters/n8n-api';
import { createDeployStore, createDeployStoreReader } from '../../lib/adapters/n8n-deploy-store';
import { readWorkflowFolder } from '../../lib/adapters/workflow-files';
import { writeWorkflowLock } from '../../lib/adapters/workflow-lock-file';
import { TrufflesError } from '../../lib/errors';
import { applyRelease, problemOf, type ReleaseOrigin } from '../../lib/workflows/apply-release';
import type { NeededCredential } from '../../lib/workflows/credential-inventory';
import { planReport, type DeployReport } from '../../lib/workflows/deploy-report';
import type { PromptVersion } from '../../lib/workflows/deploy-record';
import { viewDeploy, type DeploySource, type DeployView } from '../../lib/workflows/deploy-view';
import { lintWorkflows } from '../../lib/workflows/lint/lint-workflows';
import { releaseLine, releaseProblems, type ReleaseFacts } from '../../lib/workflows/release-check';
import { parseSavedPlan, savePlan, stalePlan, type SavedPlan } from '../../lib/workflows/saved-plan';
import type { WorkflowFile } from '../../lib/workflows/workflow-file';
import { UsageProblem } from './deploy-exit';
import type { DeployTarget } from './deploy-target';
import { deployTools, newDeployId } from './deploy-tools';
import { releaseOf } from './git-release';
import { readActivePrompts } from './prompt-versions';
import { readReleaseFacts } from './release-facts';

/** Workflows to deploy: of a folder, or of a commit. */
export interface Workflows {
	readonly files: readonly WorkflowFile[];
	readonly inventory: readonly NeededCredential[];
	readonly release: ReleaseOrigin;
}

export interface ApplyFlags {
	readonly overwrite: readonly string[];
	/** Null: no saved plan. */
	readonly plan: SavedPlan | null;
	readonly takeOver: boolean;
	/** A rollback to a commit needs no plan: in an incident nobody waits for one. */
	readonly isRollback?: boolean;
}

/** Reads and lints the workflow folder; `null` files mean that the report says why nothing can be deployed. */
export async function readWorkflows(
	dir: string,
): Promise<{ readonly workflows: Workflows | null; readonly report: DeployReport }> {
	const folder = await readWorkflowFolder(dir);
	const problems = folder.problems.length > 0 ? folder.problems : lintWorkflows(folder.files, folder.inventory);
	const report = planReport({ steps: [], problems });
	return { workflows: problems.length > 0 ? null : { ...folder, release: releaseOf(dir) }, report };
}

export interface PlanRun {
	readonly report: DeployReport;
	/** Null when there is nothing to save: the plan is blocked. */
	readonly saved: SavedPlan | null;
	readonly head: string;
}

/**
 * Plans with a client that has no writing methods. Never throws for what n8n does.
 * @param isForDeploy false when only looking: a release that does not fit is then no problem
 */
export async function runPlan(
	target: DeployTarget,
	workflows: Workflows,
	overwrite: readonly string[],
	isForDeploy = true,
): Promise<PlanRun> {
	const { name, url } = target.environment;
	try {
		const facts = await readReleaseFacts(target);
		const view = await viewDeploy(
			createN8nReader(target.access),
			createDeployStoreReader(target.access),
			sourceOf(target, workflows, facts, overwrite),
		);
		const needs = isForDeploy ? releaseProblems(facts, target.environment.requires) : [];
		const problems = [...view.plan.problems, ...needs];
		const report = planReport({ ...view.plan, problems }, notesOf(view));
		const head = { env: name, url, commit: workflows.release.commit, madeAt: new Date().toISOString(), overwrite };
		return { report, saved: problems.length > 0 ? null : savePlan(view.plan, head), head: releaseLine(facts) };
	} catch (error) {
		const failed = { ...planReport({ steps: [], problems: [] }), result: 'failed' as const };
		return { report: { ...failed, problems: [problemOf(error)] }, saved: null, head: '' };
	}
}

/** Deploys. A protected environment needs a saved plan. */
export async function runApply(
	target: DeployTarget,
	workflows: Workflows,
	flags: ApplyFlags,
	onProgress: (line: string) => void,
): Promise<DeployReport> {
	const { environment, access } = target;
	try {
		const facts = await readReleaseFacts(target);
		const tools = deployTools(onProgress);
		const stop = watchSignals();
		try {
			const report = await applyRelease({
				...tools,
				api: createN8nApi(access),
				store: createDeployStore(access),
				source: sourceOf(target, workflows, facts, [...flags.overwrite, ...(flags.plan?.overwrite ?? [])]),
				release: workflows.release,
				deployId: newDeployId(workflows.release.name, tools.now()),
				probe: hasGateway(workflows) ? target.probe : null,
				takeOver: flags.takeOver,
				check: (view) => refusal(view, target, facts, flags),
				assertWanted: stop.assertWanted,
				...(await promptsOf(target)),
			});
			await rememberIds(target, report);
			return report;
		} finally {
			stop.end();
		}
	} catch (error) {
		const empty = planReport({ steps: [], problems: [] });
		return { ...empty, result: 'failed', problems: [problemOf(error)], notes: [`environment ${environment.name}`] };
	}
}

/** Reads a saved plan. @throws UsageProblem */
export async function readSavedPlan(file: string): Promise<SavedPlan> {
	const text = await readFile(file, 'utf8').catch(() => null);
	const plan = text === null ? null : parseSavedPlan(text);
	if (plan === null) throw new UsageProblem(`${file} is not a saved plan. Make one with "plan --out ${file}".`);
	return plan;
}

/** Writes a plan for a later `apply --plan`. */
export async function writeSavedPlan(file: string, plan: SavedPlan): Promise<void> {
	await mkdir(path.dirname(path.resolve(file)), { recursive: true });
	await writeFile(file, `${JSON.stringify(plan, null, 2)}\n`);
}

/** Whether these workflows hold the gateway that is probed. */
export function hasGateway({ files }: Workflows): boolean {
	return files.some(({ json }) => json.nodes.some((node) => /\.trufflesGatewayTrigger$/.test(node.type)));
}

function sourceOf(
	target: DeployTarget,
	workflows: Workflows,
	facts: ReleaseFacts,
	overwrite: readonly string[],
): DeploySource {
	return {
		files: workflows.files,
		inventory: workflows.inventory,
		bindings: target.environment.credentials,
		lockedIds: target.lockedIds,
		overwrite: overwrite.includes('all') ? 'all' : new Set(overwrite),
		n8nVersion: facts.n8nVersion,
		sha256: sha256Hex,
	};
}

function refusal(
	view: DeployView,
	{ environment }: DeployTarget,
	facts: ReleaseFacts,
	{ plan, isRollback }: ApplyFlags,
): { readonly result: 'blocked' | 'stale'; readonly problems: ReturnType<typeof stalePlan> } | null {
	const needs = releaseProblems(facts, environment.requires);
	if (needs.length > 0) return { result: 'blocked', problems: needs };
	if (plan !== null) {
		const stale = stalePlan(plan, view.plan, { env: environment.name, url: environment.url });
		return stale.length > 0 ? { result: 'stale', problems: stale } : null;
	}
	const isWanted = view.interrupted.length > 0 || view.plan.steps.some((step) => step.action !== 'unchanged');
	if (!environment.protected || !isWanted || isRollback === true) return null;
	const message = `${environment.name} is protected. Make a plan with "plan --env ${environment.name} --out FILE", have it read, and deploy it with "apply --env ${environment.name} --plan FILE"`;
	return { result: 'blocked', problems: [{ code: 'protected', key: null, message }] };
}

function notesOf({ interrupted }: DeployView): string[] {
	return interrupted.map(
		({ deployId, record }) => `deploy ${deployId} was interrupted on ${record.by.host}; the next apply finishes it`,
	);
}

/** Kept with the deploy when the database can be read; a deploy does not fail because of it. */
async function promptsOf({ databaseUrl }: DeployTarget): Promise<{ prompts?: readonly PromptVersion[] }> {
	const prompts = databaseUrl === null ? null : await readActivePrompts(databaseUrl).catch(() => null);
	return prompts === null ? {} : { prompts };
}

/** The lock file holds what was found or made; it is there to be committed. */
async function rememberIds({ lockFile, lockedIds }: DeployTarget, report: DeployReport): Promise<void> {
	if (report.result !== 'done' && report.result !== 'unchanged') return;
	const ids = new Map(lockedIds);
	for (const { key, id } of report.workflows) if (id !== null) ids.set(key, id);
	await writeWorkflowLock(lockFile, ids);
}

/** Ctrl-C stops a deploy between two writes, and what was done is undone; a second one changes nothing about that. */
function watchSignals(): { assertWanted(): void; end(): void } {
	let signal: string | null = null;
	const listener = (name: string): void => {
		signal = name;
	};
	const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
	for (const name of names) process.on(name, listener);
	return {
		assertWanted() {
			if (signal !== null) throw new TrufflesError('TRF_DEPLOY_STOPPED', { signal });
		},
		end() {
			for (const name of names) process.off(name, listener);
		},
	};
}
