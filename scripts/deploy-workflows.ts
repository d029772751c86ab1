import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Command, CommanderError } from 'commander';
import { FetchHttp } from '../lib/adapters/fetch-http';
import { createN8nApi } from '../lib/adapters/n8n-api';
import { readWorkflowFolder } from '../lib/adapters/workflow-files';
import { isInstanceAddress, parseDeployConfig } from '../lib/workflows/deploy-config';
import { deployReportText } from '../lib/workflows/deploy-text';
import { deployWorkflows, type DeployReport, type Release } from '../lib/workflows/deploy-workflows';
import { lintWorkflows } from '../lib/workflows/lint/lint-workflows';
import { readRunningStack } from './stack/running-stack';

const REPOSITORY = resolve(__dirname, '..');
const EXIT = { done: 0, failed: 1, pending: 2, blocked: 4, usage: 64 } as const;
const VERBS = ['plan', 'apply', 'status'] as const;
type Verb = (typeof VERBS)[number];

interface Flags {
	readonly env: string;
	readonly dryRun: boolean;
	readonly json: boolean;
	readonly quiet: boolean;
	readonly apiKeyStdin: boolean;
	readonly dir: string;
}

/** A reason to stop before n8n is called; the message says what to do. */
class UsageProblem extends Error {}

const program = new Command('deploy-workflows')
	.description('Brings the workflows of this repository into n8n and publishes them, leaves first.')
	.argument('[verb]', `one of ${VERBS.join(', ')}; without one: apply`)
	.requiredOption('--env <name>', 'environment of deploy.config.json')
	.option('--dry-run', 'same as the verb plan', false)
	.option('--json', 'print the report as one JSON object', false)
	.option('--quiet', 'no progress lines on stderr', false)
	.option('--api-key-stdin', 'read the API key from standard input', false)
	.option('--dir <folder>', 'folder with the workflow files and credentials.json', join(REPOSITORY, 'workflows'))
	.addHelpText(
		'after',
		`
Environment variables
  N8N_API_KEY       API key of the instance (scopes workflow:*, credential:*); --env dev falls back to the stack that "npm start" keeps up
  TRUFFLES_N8N_URL  address of the instance, instead of the one in deploy.config.json

Exit codes
  0 done or nothing to do   1 failed   2 changes pending (plan, status)   4 blocked, nothing written   64 usage

Examples
  npm run deploy-workflows -- --env dev
  npm run deploy-workflows -- plan --env dev --json
  pass show n8n/dev | npm run deploy-workflows -- --env dev --api-key-stdin`,
	)
	.exitOverride();

async function main(argv: readonly string[]): Promise<number> {
	program.parse([...argv], { from: 'user' });
	const flags = program.opts<Flags>();
	const verb = parseVerb(program.args[0]);
	const target = await findTarget(flags);
	const dryRun = verb !== 'apply' || flags.dryRun;
	if (!dryRun && target.protected)
		throw new UsageProblem(`--env ${flags.env} is protected: this version writes only to unprotected environments.`);

	const folder = await readWorkflowFolder(flags.dir);
	const problems = [
		...folder.problems,
		...(folder.problems.length > 0 ? [] : lintWorkflows(folder.files, folder.inventory)),
	];
	const report: DeployReport =
		problems.length > 0
			? { result: 'blocked', workflows: [], problems, writes: 0 }
			: await deployWorkflows({
					api: createN8nApi({ http: new FetchHttp(), baseUrl: target.url, apiKey: target.apiKey }),
					files: folder.files,
					inventory: folder.inventory,
					release: gitRelease(),
					dryRun,
					onProgress: (line) => {
						if (!flags.quiet) console.error(line);
					},
				});
	console.log(flags.json ? JSON.stringify({ env: flags.env, verb, ...report }, null, 2) : deployReportText(report));
	return { done: EXIT.done, unchanged: EXIT.done, pending: EXIT.pending, blocked: EXIT.blocked, failed: EXIT.failed }[
		report.result
	];
}

function parseVerb(text: string | undefined): Verb {
	const verb = VERBS.find((known) => known === (text ?? 'apply'));
	if (verb === undefined) throw new UsageProblem(`There is no verb "${text}". Known: ${VERBS.join(', ')}.`);
	return verb;
}

async function findTarget(flags: Flags): Promise<{ url: string; protected: boolean; apiKey: string }> {
	const config = parseDeployConfig(await readFile(join(REPOSITORY, 'deploy.config.json'), 'utf8'));
	if (!config.ok) throw new UsageProblem(`deploy.config.json: ${config.problems.join('; ')}`);
	const environment = config.environments.get(flags.env);
	if (environment === undefined) {
		throw new UsageProblem(
			`deploy.config.json has no environment "${flags.env}". Known: ${[...config.environments.keys()].join(', ')}.`,
		);
	}
	const address = process.env.TRUFFLES_N8N_URL;
	if (address !== undefined && !isInstanceAddress(address))
		throw new UsageProblem('TRUFFLES_N8N_URL must be an http(s) address without user, query or path.');
	const apiKey = (flags.apiKeyStdin ? await readStdin() : process.env.N8N_API_KEY)?.trim();
	if (apiKey !== undefined && apiKey !== '')
		return { url: address ?? environment.url, protected: environment.protected, apiKey };
	const running = flags.env === 'dev' ? await readRunningStack() : null;
	if (running === null)
		throw new UsageProblem(
			'No API key. Set N8N_API_KEY or use --api-key-stdin (n8n: Settings > n8n API > Create an API key).',
		);
	return { url: address ?? running.n8nUrl, protected: environment.protected, apiKey: running.apiKey };
}

async function readStdin(): Promise<string> {
	const parts: Buffer[] = [];
	for await (const part of process.stdin) parts.push(Buffer.from(part as Uint8Array));
	return Buffer.concat(parts).toString('utf8');
}

/** The version's name in n8n's history is the commit it comes from, so that a live version leads back to the source. */
function gitRelease(): Release {
	try {
		const git = (...args: string[]): string =>
			execFileSync('git', args, { cwd: REPOSITORY, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
		const dirty = git('status', '--porcelain', '--', 'workflows') === '' ? '' : ' with local changes';
		return {
			name: git('rev-parse', '--short', 'HEAD'),
			description: `deploy-workflows, commit ${git('rev-parse', 'HEAD')}${dirty}`,
		};
	} catch {
		return { name: 'no commit', description: 'deploy-workflows, outside a git checkout' };
	}
}

main(process.argv.slice(2)).then(
	(code) => {
		process.exitCode = code;
	},
	(error: unknown) => {
		if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? EXIT.done : EXIT.usage;
		else {
			console.error(error instanceof Error ? error.message : String(error));
			process.exitCode = error instanceof UsageProblem ? EXIT.usage : EXIT.failed;
		}
	},
);
