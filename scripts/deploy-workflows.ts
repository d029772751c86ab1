/** `npm run deploy-workflows`: workflows of this repository to n8n and back. Parses, calls `scripts/deploy/`, exits. */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { Command, CommanderError } from 'commander';
import { createN8nApi } from '../lib/adapters/n8n-api';
import { createDeployStore } from '../lib/adapters/n8n-deploy-store';
import { listWorkflowFileNames } from '../lib/adapters/workflow-files';
import { writeWorkflowLock } from '../lib/adapters/workflow-lock-file';
import { TrufflesError } from '../lib/errors';
import { retireWorkflow } from '../lib/workflows/retire-workflow';
import { runCredentials } from './deploy/credentials';
import { EXIT, EXIT_OF, UsageProblem } from './deploy/deploy-exit';
import { printReport, printResult, talk } from './deploy/deploy-output';
import { findTarget, type DeployTarget } from './deploy/deploy-target';
import { deployTools } from './deploy/deploy-tools';
import { runDrift, runStatus } from './deploy/drift';
import { runExport } from './deploy/export';
import { applyFleet, planFleet } from './deploy/fleet';
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
import { REPOSITORY } from './stack/state-folder';

interface Flags {
	readonly env?: string;
	readonly all: boolean;
	readonly tag?: string;
	readonly json: boolean;
	readonly markdown: boolean;
	readonly quiet: boolean;
	readonly apiKeyStdin: boolean;
	readonly dir: string;
	readonly config: string;
	readonly dryRun: boolean;
	readonly overwrite: readonly string[];
	readonly plan?: string;
	readonly out?: string;
	readonly takeOver: boolean;
	readonly yes: boolean;
	readonly to?: string;
	readonly withPrompts: boolean;
	readonly only: readonly string[];
	readonly vault?: string;
}

const HELP = `
Environment variables (with _<ENV> behind the name they count for that environment only, for example N8N_API_KEY_PROD)
  N8N_API_KEY       API key of the instance, scopes workflow:*, credential:*, tag:*, dataTable:*, dataTableRow:*, communityPackage:list;
                    --env dev falls back to the stack that "npm start" keeps up
  TRUFFLES_N8N_URL  address of the instance, instead of the one in deploy.config.json
  DATABASE_URL      database of the installation, for the release check and for prompts
  TRUFFLES_CREDENTIAL_<NAME>  fields of a credential as JSON (verb credentials)

Exit codes
  0 done or nothing to do   1 failed   2 changes pending (plan, drift, status, --dry-run)   3 the saved plan is stale
  4 blocked, nothing written   64 usage

Examples
  npm run deploy-workflows -- --env dev
  npm run deploy-workflows -- plan --env prod --out prod.plan.json
  npm run deploy-workflows -- apply --env prod --plan prod.plan.json
  npm run deploy-workflows -- rollback --env prod
  pass show n8n/dev | npm run deploy-workflows -- status --env dev --api-key-stdin`;

const program = new Command('deploy-workflows')
	.description('Brings the workflows of this repository into n8n and publishes them, leaves first.')
	.option('--env <name>', 'environment of deploy.config.json')
	.option('--json', 'print the result as one JSON object', false)
	.option('--quiet', 'no progress lines on stderr', false)
	.option('--api-key-stdin', 'read the API key from standard input', false)
	.option('--dir <folder>', 'folder with the workflow files and credentials.json', path.join(REPOSITORY, 'workflows'))
	.option('--config <file>', 'file with the environments', path.join(REPOSITORY, 'deploy.config.json'))
	.addHelpText('after', HELP);

const collect = (value: string, before: readonly string[]): string[] => [...before, ...value.split(',')];
const withFleet = (command: Command): Command =>
	command
		.option('--all', 'every environment, one after the other', false)
		.option('--tag <tag>', 'with --all: only environments with this tag');
const withOverwrite = (command: Command): Command =>
	command.option('--overwrite <keys>', 'write over edits that were made in n8n; "all" for every workflow', collect, []);
const withLock = (command: Command): Command =>
	command.option('--take-over', 'break the lock of a deploy that is known to be dead', false);

let exitCode: number = EXIT.done;
const verb = (command: Command, run: (flags: Flags, ...words: (string | undefined)[]) => Promise<number>): void => {
	command.action(async (...args: unknown[]) => {
		const words = args.slice(0, -2).filter((word): word is string => typeof word === 'string');
		exitCode = await run(command.optsWithGlobals(), ...words);
	});
};

verb(
	withLock(withOverwrite(withFleet(program.command('deploy', { isDefault: true }))))
		.description('lint, plan, apply and smoke (also without a verb)')
		.argument('[verb]')
		.option('--plan <file>', 'carry out a saved plan; a folder with --all')
		.option('--dry-run', 'same as plan', false),
	async (flags, word) => {
		const known = program.commands.map((command) => command.name()).join(', ');
		if (word !== undefined) throw new UsageProblem(`There is no verb "${word}". Known: ${known}.`);
		return flags.dryRun ? await planVerb(flags) : await applyVerb(flags, 'deploy');
	},
);
verb(
	withOverwrite(withFleet(program.command('plan')))
		.description('what a deploy would do; cannot write')
		.option('--out <file>', 'save the plan; a folder with --all')
		.option('--markdown', 'for a pull request', false),
	planVerb,
);
verb(
	withLock(withOverwrite(withFleet(program.command('apply'))))
		.description('save, publish, check, or bring everything back')
		.option('--plan <file>', 'carry out a saved plan; a folder with --all')
		.option('--dry-run', 'same as plan', false),
	(flags) => (flags.dryRun ? planVerb(flags) : applyVerb(flags, 'apply')),
);
verb(
	withLock(program.command('rollback'))
		.description('bring back what was live before the last deploy')
		.option('--to <deploy or ref>', 'undo every deploy after this one: a deploy id or a git ref')
		.option('--with-prompts', 'also the prompt versions that were active then', false)
		.option('--dry-run', 'only say what would be undone', false)
		.option('--yes', 'do not ask for a protected environment', false),
	async (flags) => runRollback(await targetOf(flags), (await workflowsOf(flags)).inventory, flags),
);
verb(
	program.command('drift').description('in-sync, pending, drifted, conflict or unknown, per workflow'),
	async (flags) => runDrift(await targetOf(flags), await workflowsOf(flags), flags),
);
verb(program.command('status').description('drift, versions, the last deploys, the lock'), async (flags) =>
	runStatus(await targetOf(flags), await workflowsOf(flags), flags),
);
verb(
	program
		.command('export')
		.description('bring a change made in the editor back into the file')
		.requiredOption('--only <keys>', 'workflows to export', collect, [])
		.option('--dry-run', 'write nothing; exit 2 when a file would change', false),
	async (flags) => runExport(await targetOf(flags), flags),
);
verb(
	withLock(program.command('retire'))
		.argument('<key>', 'workflow without a file')
		.description('unpublish and archive')
		.option('--dry-run', 'only say what would happen', false)
		.option('--yes', 'do not ask for a protected environment', false),
	async (flags, key) => retireVerb(flags, key ?? ''),
);
verb(
	program
		.command('credentials')
		.description('list the credentials that are needed, create missing ones')
		.option('--vault <file>', 'JSON {"<credential>": {fields}}, readable by you only')
		.option('--dry-run', 'create nothing', false),
	async (flags) => runCredentials(await targetOf(flags), (await workflowsOf(flags)).inventory, flags),
);
for (const [name, script] of [
	['lint', 'lint-workflows'],
	['fmt', 'fmt-workflows'],
] as const) {
	verb(
		program
			.command(name)
			.description(`same as npm run ${script}`)
			.argument('[arguments...]', 'see --help there')
			.allowUnknownOption(),
		() => runScript(script, process.argv.slice(process.argv.indexOf(name) + 1)),
	);
}

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

async function workflowsOf({ dir }: Flags): Promise<Workflows> {
	const { workflows, report } = await readWorkflows(dir);
	if (workflows !== null) return workflows;
	const lines = report.problems.map((problem) => `- ${problem.key ?? 'workflows'}: ${problem.message}`);
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

for (const command of [program, ...program.commands]) command.exitOverride();
program.parseAsync(process.argv.slice(2), { from: 'user' }).then(
	() => {
		process.exitCode = exitCode;
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
