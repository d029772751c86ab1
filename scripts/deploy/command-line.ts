/** The command line of `deploy-workflows`: options, help, and which verb gets what. Runs nothing itself. */
import path from 'node:path';
import { Command } from 'commander';
import { REPOSITORY } from '../stack/state-folder';
import { UsageProblem } from './deploy-exit';
import { WORKFLOWS_FOLDER } from './git-release';

/** All options of all verbs; a verb reads its own. */
export interface Flags {
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

/** What a verb does: gets its options and words, returns the exit code. */
export type Verb = (flags: Flags, ...words: readonly string[]) => Promise<number>;

export const VERBS = [
	'deploy',
	'plan',
	'apply',
	'rollback',
	'drift',
	'status',
	'export',
	'retire',
	'credentials',
	'lint',
	'fmt',
] as const;
export type VerbName = (typeof VERBS)[number];

const collect = (value: string, before: readonly string[]): string[] => [...before, ...value.split(',')];

/** Option of several verbs, by what it is about. */
const SHARED = {
	fleet: (command: Command) =>
		command
			.option('--all', 'every environment, one after the other', false)
			.option('--tag <tag>', 'with --all: only environments with this tag'),
	overwrite: (command: Command) =>
		command.option(
			'--overwrite <keys>',
			'write over edits that were made in n8n; "all" for every workflow',
			collect,
			[],
		),
	lock: (command: Command) =>
		command.option('--take-over', 'break the lock of a deploy that is known to be dead', false),
	plan: (command: Command) => command.option('--plan <file>', 'carry out a saved plan; a folder with --all'),
	dryRun: (command: Command) =>
		command.option('--dry-run', 'only say what would happen; exit 2 when something would', false),
	yes: (command: Command) => command.option('--yes', 'do not ask for a protected environment', false),
} as const;

interface VerbDefinition {
	readonly description: string;
	readonly shared: readonly (keyof typeof SHARED)[];
	readonly own?: (command: Command) => Command;
}

const DEFINITIONS: Readonly<Record<VerbName, VerbDefinition>> = {
	deploy: {
		description: 'lint, plan, apply and smoke (also without a verb)',
		shared: ['fleet', 'overwrite', 'lock', 'plan', 'dryRun'],
		own: (command) => command.argument('[verb]'),
	},
	plan: {
		description: 'what a deploy would do; cannot write',
		shared: ['fleet', 'overwrite'],
		own: (command) =>
			command
				.option('--out <file>', 'save the plan; a folder with --all')
				.option('--markdown', 'for a pull request', false),
	},
	apply: {
		description: 'save, publish, check, or bring everything back',
		shared: ['fleet', 'overwrite', 'lock', 'plan', 'dryRun'],
	},
	rollback: {
		description: 'bring back what was live before the last deploy',
		shared: ['lock', 'dryRun', 'yes'],
		own: (command) =>
			command
				.option('--to <deploy or ref>', 'undo every deploy after this one: a deploy id or a git ref')
				.option('--with-prompts', 'also the prompt versions that were active then', false),
	},
	drift: { description: 'in-sync, pending, drifted, conflict or unknown, per workflow', shared: [] },
	status: { description: 'drift, versions, the last deploys, the lock', shared: [] },
	export: {
		description: 'bring a change made in the editor back into the file',
		shared: ['dryRun'],
		own: (command) => command.requiredOption('--only <keys>', 'workflows to export', collect, []),
	},
	retire: {
		description: 'unpublish and archive a workflow that has no file any more',
		shared: ['lock', 'dryRun', 'yes'],
		own: (command) => command.argument('<key>'),
	},
	credentials: {
		description: 'list the credentials that are needed, create missing ones',
		shared: ['dryRun'],
		own: (command) => command.option('--vault <file>', 'JSON {"<credential>": {fields}}, readable by you only'),
	},
	lint: { description: 'same as npm run lint-workflows', shared: [], own: passOn },
	fmt: { description: 'same as npm run fmt-workflows', shared: [], own: passOn },
};

function passOn(command: Command): Command {
	return command.argument('[arguments...]', 'see --help there').allowUnknownOption();
}

/**
 * Parses words and runs the one verb they name.
 * @returns its exit code
 * @throws UsageProblem; CommanderError for what commander has answered already
 */
export async function runCommandLine(
	words: readonly string[],
	verbs: Readonly<Record<VerbName, Verb>>,
): Promise<number> {
	const program = new Command('deploy-workflows')
		.description('Brings the workflows of this repository into n8n and publishes them, leaves first.')
		.option('--env <name>', 'environment of deploy.config.json')
		.option('--json', 'print the result as one JSON object', false)
		.option('--quiet', 'no progress lines on stderr', false)
		.option('--api-key-stdin', 'read the API key from standard input', false)
		.option('--dir <folder>', 'folder with the workflow files and credentials.json', WORKFLOWS_FOLDER)
		.option('--config <file>', 'file with the environments', path.join(REPOSITORY, 'deploy.config.json'))
		.addHelpText('after', HELP)
		.exitOverride();
	let exitCode = 0;
	for (const name of VERBS) {
		const { description, shared, own } = DEFINITIONS[name];
		const command = program
			.command(name, { isDefault: name === 'deploy' })
			.description(description)
			.exitOverride();
		for (const group of shared) SHARED[group](command);
		own?.(command);
		command.action(async () => {
			if (name === 'deploy' && command.args[0] !== undefined)
				throw new UsageProblem(`There is no verb "${command.args[0]}". Known: ${VERBS.join(', ')}.`);
			exitCode = await verbs[name](command.optsWithGlobals(), ...command.args);
		});
	}
	await program.parseAsync([...words], { from: 'user' });
	return exitCode;
}
