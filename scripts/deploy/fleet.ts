import path from 'node:path';
import { problemOf } from '../../lib/workflows/apply-release';
import type { DeployEnvironment } from '../../lib/workflows/deploy-config';
import type { DeployReport } from '../../lib/workflows/deploy-report';
import { deployReportText } from '../../lib/workflows/deploy-text';
import type { SavedPlan } from '../../lib/workflows/saved-plan';
import { backUpWorkflows } from './backup';
import { EXIT, EXIT_OF, UsageProblem } from './deploy-exit';
import { talk, type OutputFlags } from './deploy-output';
import { findTarget, readEnvironments, type DeployTarget, type TargetFlags } from './deploy-target';
import { readSavedPlan, runApply, runPlan, writeSavedPlan, type Workflows } from './plan-and-apply';
import { isInstanceReady, runSmoke } from './smoke';

export interface FleetFlags extends OutputFlags, TargetFlags {
	readonly tag?: string;
	readonly overwrite: readonly string[];
	/** Folder with `<env>.plan.json`. */
	readonly plan?: string;
	readonly out?: string;
	readonly takeOver: boolean;
}

interface FleetResult {
	readonly env: string;
	readonly result: DeployReport['result'] | 'not reached';
	/** Folder with what ran before. */
	readonly backup: string | null;
	readonly report: DeployReport | null;
}

/** The environments of a tag, in the order of the file. @throws UsageProblem when there are none */
export async function fleetOf({ config, tag }: FleetFlags): Promise<DeployEnvironment[]> {
	const all = [...(await readEnvironments(config)).values()];
	const chosen = all.filter(({ tags }) => tag === undefined || tags.includes(tag));
	if (chosen.length === 0) throw new UsageProblem(`No environment of deploy.config.json has the tag "${tag ?? ''}".`);
	return chosen;
}

/** Plans for every environment; with `out`, writes one saved plan each. */
export async function planFleet(workflows: Workflows, flags: FleetFlags): Promise<number> {
	const results: FleetResult[] = [];
	for (const { name } of await fleetOf(flags)) {
		const target = await findTarget(name, flags, false);
		const { report, saved } = await runPlan(target, workflows, flags.overwrite);
		if (flags.out !== undefined && saved !== null) await writeSavedPlan(planFile(flags.out, name), saved);
		results.push({ env: name, result: report.result, backup: null, report });
	}
	return printFleet('plan', results, flags);
}

/**
 * Deploys to one environment after the other: health check, backup, deploy (which brings itself back when it fails),
 * smoke. Stops at the first one that is not as wanted; the report names those that were not reached.
 */
export async function applyFleet(workflows: Workflows, flags: FleetFlags): Promise<number> {
	const environments = await fleetOf(flags);
	// Every key and plan is found before the first write.
	const targets: { readonly target: DeployTarget; readonly plan: SavedPlan | null }[] = [];
	for (const { name } of environments)
		targets.push({
			target: await findTarget(name, flags, false),
			plan: flags.plan === undefined ? null : await readSavedPlan(planFile(flags.plan, name)),
		});
	const results: FleetResult[] = [];
	for (const { target, plan } of targets) {
		const { name } = target.environment;
		const isStopped = results.some(({ result }) => result !== 'done' && result !== 'unchanged');
		if (isStopped) results.push({ env: name, result: 'not reached', backup: null, report: null });
		else {
			talk(flags)(`${name}:`);
			results.push(await applyOne(target, plan, workflows, flags));
		}
	}
	return printFleet('apply', results, flags);
}

async function applyOne(
	target: DeployTarget,
	plan: SavedPlan | null,
	workflows: Workflows,
	flags: FleetFlags,
): Promise<FleetResult> {
	const { name } = target.environment;
	if (!(await isInstanceReady(target))) {
		const problems = [{ code: 'not-ready', key: null, message: 'n8n does not say that it is ready; nothing was done' }];
		return { env: name, result: 'failed', backup: null, report: emptyReport(problems) };
	}
	let backup: string;
	try {
		backup = await backUpWorkflows(target, workflows.inventory, new Date());
	} catch (error) {
		return { env: name, result: 'failed', backup: null, report: emptyReport([problemOf(error)]) };
	}
	const report = await runApply(
		target,
		workflows,
		{ overwrite: flags.overwrite, plan, takeOver: flags.takeOver },
		talk(flags),
	);
	if (report.result !== 'done' && report.result !== 'unchanged')
		return { env: name, result: report.result, backup, report };
	const problems = await runSmoke(target, workflows);
	if (problems.length === 0) return { env: name, result: report.result, backup, report };
	return { env: name, result: 'failed', backup, report: { ...report, result: 'failed', problems } };
}

function emptyReport(problems: DeployReport['problems']): DeployReport {
	return { result: 'failed', deployId: null, workflows: [], problems, notes: [], writes: 0, restored: 'not-needed' };
}

function planFile(folder: string, env: string): string {
	return path.join(folder, `${env}.plan.json`);
}

function printFleet(verb: string, results: readonly FleetResult[], flags: OutputFlags): number {
	if (flags.json) console.log(JSON.stringify({ verb, environments: results }, null, 2));
	else
		for (const { env, result, backup, report } of results) {
			console.log(`${env}: ${result}${backup === null ? '' : `; what ran before is in ${backup}`}`);
			if (report !== null && result !== 'unchanged') console.log(deployReportText(report));
		}
	const worst = results.map(({ result }) => (result === 'not reached' ? EXIT.done : EXIT_OF[result]));
	return [EXIT.failed, EXIT.blocked, EXIT.stale, EXIT.pending].find((code) => worst.includes(code)) ?? EXIT.done;
}
