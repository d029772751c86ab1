import { createInterface } from 'node:readline/promises';
import { createN8nApi } from '../../lib/adapters/n8n-api';
import { createDeployStore } from '../../lib/adapters/n8n-deploy-store';
import type { NeededCredential } from '../../lib/workflows/credential-inventory';
import type { PromptVersion } from '../../lib/workflows/deploy-record';
import { rollbackRelease, type RollbackReport, type RollbackTarget } from '../../lib/workflows/rollback-release';
import { backUpWorkflows } from './backup';
import { EXIT_OF, UsageProblem } from './deploy-exit';
import { printReport, printResult, talk, type OutputFlags } from './deploy-output';
import type { DeployTarget } from './deploy-target';
import { deployTools } from './deploy-tools';
import { filesAtCommit, resolveCommit } from './git-release';
import { runApply, runPlan } from './plan-and-apply';
import { restoreActivePrompts } from './prompt-versions';

export interface RollbackFlags extends OutputFlags {
	readonly to?: string;
	readonly withPrompts: boolean;
	readonly dryRun: boolean;
	readonly yes: boolean;
	readonly takeOver: boolean;
}

const DEPLOY_ID = /^\d{8}T\d{6}Z-/;

/** Brings earlier versions back: from the journal, or for an older commit from git. */
export async function runRollback(
	target: DeployTarget,
	inventory: readonly NeededCredential[],
	flags: RollbackFlags,
): Promise<number> {
	if (flags.withPrompts && target.databaseUrl === null)
		throw new UsageProblem('--with-prompts needs DATABASE_URL, the database of this environment as its owner.');
	const wanted = parseTarget(flags.to);
	if (!flags.dryRun) await confirm(target, flags.yes, 'Roll back');
	const say = talk(flags);
	if (!flags.dryRun) say(`what runs now is kept in ${await backUpWorkflows(target, inventory, new Date())}`);
	const report = await rollbackRelease({
		...deployTools(say),
		api: createN8nApi(target.access),
		store: createDeployStore(target.access),
		target: wanted,
		dryRun: flags.dryRun,
		probe: target.probe,
		takeOver: flags.takeOver,
		...(flags.withPrompts ? { restorePrompts: (prompts) => bringPromptsBack(target, prompts) } : {}),
	});
	if (wanted.kind === 'commit' && report.problems.some(({ code }) => code === 'rollback-unknown'))
		return await deployCommit(target, wanted.commit, flags);
	printResult({ env: target.environment.name, verb: 'rollback', ...report }, rollbackLines(report), flags);
	return EXIT_OF[report.result];
}

/** Asks on a terminal; without one the name has to be given with --yes. @throws UsageProblem */
export async function confirm({ environment }: DeployTarget, yes: boolean, what: string): Promise<void> {
	if (yes || !environment.protected) return;
	if (!process.stdin.isTTY) throw new UsageProblem(`${environment.name} is protected: add --yes.`);
	const prompt = createInterface({ input: process.stdin, output: process.stderr });
	const answer = await prompt.question(`${what} in ${environment.name}? Type its name to go on: `);
	prompt.close();
	if (answer.trim() !== environment.name) throw new UsageProblem('Nothing was done.');
}

function parseTarget(to: string | undefined): RollbackTarget {
	if (to === undefined) return { kind: 'previous' };
	if (DEPLOY_ID.test(to)) return { kind: 'deploy', deployId: to };
	const commit = resolveCommit(to);
	if (commit === null) throw new UsageProblem(`--to ${to}: neither a deploy id nor a git ref of this checkout.`);
	return { kind: 'commit', commit };
}

async function bringPromptsBack(
	{ databaseUrl }: DeployTarget,
	prompts: readonly PromptVersion[] | null,
): Promise<string> {
	if (prompts === null || databaseUrl === null)
		return 'prompts stay as they are: the deploy was made without DATABASE_URL, so their versions are not on record';
	const changed = await restoreActivePrompts(databaseUrl, prompts);
	if (changed === null)
		return 'prompts stay as they are: the role of DATABASE_URL sees only single clients; it has to be the owner';
	return changed === 0 ? 'prompts were as they had been' : `prompts are back as they were (${changed} rows)`;
}

/** The journal forgets; git does not. */
async function deployCommit(target: DeployTarget, commit: string, flags: RollbackFlags): Promise<number> {
	const say = talk(flags);
	say(
		`no deploy of ${commit.slice(0, 7)} is in the journal; its files ${flags.dryRun ? 'would be' : 'are'} deployed from git`,
	);
	const { problems, ...workflows } = filesAtCommit(commit);
	if (problems.length > 0) throw new UsageProblem(`${commit.slice(0, 7)}: ${problems[0]?.message ?? 'cannot be read'}`);
	const overwrite = ['all'];
	const report = flags.dryRun
		? (await runPlan(target, workflows, overwrite)).report
		: await runApply(target, workflows, { overwrite, plan: null, takeOver: flags.takeOver, isRollback: true }, say);
	const notes = flags.withPrompts
		? [...report.notes, 'prompts stay as they are: only a deploy in the journal tells which versions were active']
		: report.notes;
	printReport({ ...report, notes }, { env: target.environment.name, verb: 'rollback', line: '' }, flags);
	return EXIT_OF[report.result];
}

function rollbackLines(report: RollbackReport): string[] {
	const lines = [
		...report.undone.map((deployId) => `undone    ${deployId}`),
		...report.workflows.map((key) => `  ${key}`),
		...report.problems.map((problem) => `  ! ${problem.key === null ? '' : `${problem.key}: `}${problem.message}`),
		...report.notes.map((note) => `  note: ${note}`),
	];
	const target = report.target ?? 'the time before the first deploy';
	const last = {
		done: `done: back at ${target}`,
		unchanged: 'nothing to roll back',
		pending: `would go back to ${target}; nothing was written`,
		blocked: 'blocked; nothing was written',
		failed: 'failed: see the problems above',
	}[report.result];
	return [...lines, last];
}
