/** `npm run deploy-workflows`: workflows of this repository to n8n and back. Parses, calls `scripts/deploy/`, exits. */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { CommanderError } from 'commander';
import { createN8nApi } from '../lib/adapters/n8n-api';
import { createDeployStore } from '../lib/adapters/n8n-deploy-store';
import { listWorkflowFileNames, readWorkflowFolder } from '../lib/adapters/workflow-files';
import { writeWorkflowLock } from '../lib/adapters/workflow-lock-file';
import { TrufflesError } from '../lib/errors';
import { retireWorkflow } from '../lib/workflows/retire-workflow';
import { runCommandLine, type Flags, type Verb, type VerbName } from './deploy/command-line';
import { runCredentials } from './deploy/credentials';
import { EXIT, EXIT_OF, UsageProblem } from './deploy/deploy-exit';
import { printReport, printResult, talk } from './deploy/deploy-output';
import { findTarget, type DeployTarget } from './deploy/deploy-target';
import { deployTools } from './deploy/deploy-tools';
import { runDrift, runStatus } from './deploy/drift';
import { runExport } from './deploy/export';
import { applyFleet, planFleet } from './deploy/fleet';
import { releaseOf } from './deploy/git-release';
import {
	readSavedPlan,
	readWorkflows,
	runApply,
	runPlan,
	writeSavedPlan,
	type Workflows,
} from './deploy/plan-and-apply';
import { confirm, runRollback } from './deploy/rollback';
import { runSmoke } from './deploy/smoke';

const verbs: Readonly<Record<VerbName, Verb>> = {
	deploy: (flags) => (flags.dryRun ? planVerb(flags) : applyVerb(flags, 'deploy')),
	plan: planVerb,
	apply: (flags) => (flags.dryRun ? planVerb(flags) : applyVerb(flags, 'apply')),
	rollback: async (flags) => runRollback(await targetOf(flags), (await readWorkflowFolder(flags.dir)).inventory, flags),
	drift: async (flags) => runDrift(await targetOf(flags), await workflowsOf(flags), flags),
	status: async (flags) => runStatus(await targetOf(flags), await workflowsOf(flags), flags),
	export: async (flags) => runExport(await targetOf(flags), flags),
	retire: async (flags, key = '') => retireVerb(flags, key),
	credentials: async (flags) => runCredentials(await targetOf(flags), (await workflowsOf(flags)).inventory, flags),
	lint: (_flags, ...words) => runScript('lint-workflows', words),
	fmt: (_flags, ...words) => runScript('fmt-workflows', words),
};

async function planVerb(flags: Flags): Promise<number> {
	const { workflows, report: unread } = await readWorkflows(flags.dir);
	if (workflows === null) {
		printReport(unread, { env: flags.env ?? 'all', verb: 'plan', line: '' }, flags);
		return EXIT.blocked;
	}
	if (flags.all) return await planFleet(workflows, flags);
	const target = await targetOf(flags);
	const { report, saved, head } = await runPlan(target, workflows, flags.overwrite);
	if (flags.out !== undefined && saved !== null) await writeSavedPlan(flags.out, saved);
	printReport(report, { env: target.environment.name, verb: 'plan', line: head }, flags);
	return EXIT_OF[report.result];
}

async function applyVerb(flags: Flags, name: 'deploy' | 'apply'): Promise<number> {
	const { workflows, report: unread } = await readWorkflows(flags.dir);
	if (workflows === null) {
		printReport(unread, { env: flags.env ?? 'all', verb: name, line: '' }, flags);
		return EXIT.blocked;
	}
	if (flags.all) return await applyFleet(workflows, flags);
	const target = await targetOf(flags);
	const plan = flags.plan === undefined ? null : await readSavedPlan(flags.plan);
	const applied = await runApply(
		target,
		workflows,
		{ overwrite: flags.overwrite, plan, takeOver: flags.takeOver },
		talk(flags),
	);
	const isFine = applied.result === 'done' || applied.result === 'unchanged';
	const smoke = name === 'deploy' && isFine ? await runSmoke(target, workflows) : [];
	const report = smoke.length === 0 ? applied : { ...applied, result: 'failed' as const, problems: smoke };
	printReport(report, { env: target.environment.name, verb: name, line: '' }, flags);
	return EXIT_OF[report.result];
}

async function retireVerb(flags: Flags, key: string): Promise<number> {
	const target = await targetOf(flags);
	if (!flags.dryRun) await confirm(target, flags.yes, `Retire ${key}`);
	const report = await retireWorkflow({
		...deployTools(talk(flags)),
		api: createN8nApi(target.access),
		store: createDeployStore(target.access),
		key,
		hasFile: (await listWorkflowFileNames(flags.dir)).includes(`${key}.json`),
		lockedIds: target.lockedIds,
		dryRun: flags.dryRun,
		takeOver: flags.takeOver,
	});
	if (report.result === 'done') {
		const ids = new Map(target.lockedIds);
		if (ids.delete(key)) await writeWorkflowLock(target.lockFile, ids);
	}
	const words = {
		done: 'unpublished and archived',
		unchanged: 'is not there',
		pending: 'would be unpublished and archived',
		blocked: 'blocked',
		failed: 'failed',
	};
	const problems = report.problems.map((problem) => `  ! ${problem.message} [${problem.code}]`);
	printResult(
		{ env: target.environment.name, verb: 'retire', ...report },
		[`${key} ${words[report.result]}`, ...problems],
		flags,
	);
	return EXIT_OF[report.result];
}

async function targetOf(flags: Flags): Promise<DeployTarget> {
	if (flags.env === undefined) throw new UsageProblem('Say where: --env <name> of deploy.config.json.');
	return await findTarget(flags.env, flags);
}

/** What only looks at an instance needs files that can be read, not files without a lint problem. */
async function workflowsOf({ dir }: Flags): Promise<Workflows> {
	const folder = await readWorkflowFolder(dir);
	if (folder.problems.length === 0) return { ...folder, release: releaseOf(dir) };
	const lines = folder.problems.map((problem) => `- ${problem.key ?? 'workflows'}: ${problem.message}`);
	throw new UsageProblem(`The workflow files cannot be used:\n${lines.join('\n')}`);
}

function runScript(script: string, args: readonly string[]): Promise<number> {
	return new Promise((resolve) => {
		const file = path.join(__dirname, `${script}.ts`);
		const child = spawn(process.execPath, ['--require', 'ts-node/register', file, ...args], { stdio: 'inherit' });
		child.once('error', () => resolve(EXIT.failed));
		child.once('close', (code) => resolve(code ?? EXIT.failed));
	});
}

runCommandLine(process.argv.slice(2), verbs).then(
	(code) => {
		process.exitCode = code;
	},
	(error: unknown) => {
		if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? EXIT.done : EXIT.usage;
		else {
			console.error(error instanceof Error ? error.message : String(error));
			process.exitCode = error instanceof UsageProblem ? EXIT.usage : EXIT.failed;
			if (!(error instanceof UsageProblem) && !(error instanceof TrufflesError) && process.env.TRUFFLES_DEBUG)
				console.error(error);
		}
	},
);
