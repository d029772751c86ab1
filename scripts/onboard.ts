/** `npm run onboard`: brings a client's folder into the database. Parses, calls `lib/onboarding`, prints, exits. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { text as readAll } from 'node:stream/consumers';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { parse as parseYaml } from 'yaml';
import { NodeCrypto } from '../lib/adapters/node-crypto';
import { createPgDb } from '../lib/adapters/pg-db';
import { ClientKeyring, parseMasterKey } from '../lib/crypto/client-keys';
import { TrufflesError } from '../lib/errors';
import { DEFAULT_CHUNK_TOKENS, DEFAULT_OVERLAP_TOKENS } from '../lib/knowledge/chunks';
import { onboardClient, type OnboardingResult } from '../lib/onboarding/onboard-client';
import { SECRET_NAMES } from '../lib/tenant/client-settings';
import { indexKnowledge, readIndexTarget } from './onboard/index-knowledge';
import { FolderProblem, readClientFolder } from './onboard/read-client-folder';

const EXIT = { done: 0, failed: 1, pending: 2, environment: 3, blocked: 4, usage: 64 } as const;
const PACKS_DIR = path.resolve(__dirname, '..', 'packs');

const HELP = `
A folder holds client.yaml (slug, name, company, time_zone, default_language, domain, branches, staff, prompts, settings,
documents),
pack.yaml (services, prices, hours, address) and knowledge: .md, .txt, .pdf and .docx files (a README is none), at most
20 MB each. Nothing is written unless all of it is right.

What a document is about stands in client.yaml, or in the front matter of a Markdown file (without "path"):
  documents:
    - { path: price.pdf, branch: north, type: price_list, language: ru, valid_from: 2026-01-01, valid_to: 2026-12-31 }
branch is the key of a branch that has a knowledge_tag; both days belong to the period. All of it may be left out.

Environment:
  DATABASE_URL          administrator or owner of the database (the nodes' role may not create clients)
  TRUFFLES_MASTER_KEY   32 bytes in base64; the same key that the platform credential holds
${SECRET_NAMES.map((name) => `  ${variableOf(name)}`).join('\n')}
                        the client's secrets; those not given stay as they are, missing webhook secrets are made up
  QDRANT_URL            also (re)builds the client's vectors there (QDRANT_API_KEY; dense ones with OPENAI_API_KEY,
                        OPENAI_BASE_URL and TRUFFLES_EMBEDDING_MODEL)

Exit codes:
  0 done, or nothing to change   1 failed   2 there is something to change (--dry-run)   3 PostgreSQL cannot be reached
  4 refused: the folder has problems (all are listed)   64 wrong usage

Examples:
  $ npm run onboard -- demo/demo_salon --dry-run
  $ npm run onboard -- demo/demo_salon --settings my-settings.yaml --json
  $ echo '{"chatflow_token":"..."}' | npm run onboard -- demo/demo_salon --secrets-stdin --show-secret`;

class UsageProblem extends Error {}

interface Options {
	readonly dryRun?: boolean;
	readonly json?: boolean;
	readonly settings?: string;
	readonly secretsStdin?: boolean;
	readonly showSecret?: boolean;
	readonly chunkTokens: number;
	readonly overlapTokens: number;
}

function variableOf(secretName: string): string {
	return `TRUFFLES_SECRET_${secretName.toUpperCase()}`;
}

function wholeNumber(value: string): number {
	const number = Number(value);
	if (!Number.isInteger(number) || number < 0) throw new InvalidArgumentError('a whole number is expected.');
	return number;
}

function needEnvironment(name: string): string {
	const value = process.env[name];
	if (!value) throw new UsageProblem(`${name} is not set. See "npm run onboard -- --help".`);
	return value;
}

async function readSecrets(fromStdin: boolean): Promise<Record<string, string>> {
	const secrets: Record<string, string> = {};
	for (const name of SECRET_NAMES) {
		const value = process.env[variableOf(name)];
		if (value) secrets[name] = value;
	}
	if (!fromStdin) return secrets;
	let given: unknown;
	try {
		given = JSON.parse(await readAll(process.stdin));
	} catch {
		throw new UsageProblem('--secrets-stdin: standard input is not JSON.');
	}
	const isTexts =
		typeof given === 'object' &&
		given !== null &&
		!Array.isArray(given) &&
		Object.values(given).every((value) => typeof value === 'string');
	if (!isTexts) throw new UsageProblem('--secrets-stdin: standard input must be one JSON object of texts.');
	return { ...secrets, ...(given as Record<string, string>) };
}

async function readOverrides(file: string | undefined): Promise<unknown> {
	if (file === undefined) return {};
	if (!existsSync(file)) throw new UsageProblem(`--settings: there is no file ${file}.`);
	return parseYaml(await readFile(file, 'utf8')) as unknown;
}

function print(result: OnboardingResult, { json, dryRun, showSecret }: Options): void {
	if (json) {
		const { generatedSecrets, ...rest } = result;
		console.log(JSON.stringify({ ...rest, dryRun: dryRun === true, ...(showSecret ? { generatedSecrets } : {}) }));
		return;
	}
	const total = result.changes.length;
	result.changes.forEach(({ kind, name, action }, index) =>
		console.log(`[${index + 1}/${total}] ${kind} ${name}  ${action}`),
	);
	for (const note of result.notes) console.log(`note  ${note}`);
	const version = dryRun ? '' : `, config version ${result.configVersion}`;
	console.log(
		total === 0
			? `${result.slug}  unchanged`
			: `${result.slug}  ${total} ${dryRun ? 'changes planned' : 'changes written'}${version}`,
	);
	for (const [name, value] of Object.entries(result.generatedSecrets)) {
		console.log(
			showSecret
				? `${name}: ${value}`
				: `${name} was made up and stored; to know it, set it yourself in ${variableOf(name)} (next time: --show-secret)`,
		);
	}
}

async function onboard(folder: string, options: Options): Promise<number> {
	const crypto = new NodeCrypto();
	const connectionString = needEnvironment('DATABASE_URL');
	const keyring = new ClientKeyring(crypto, parseMasterKey(needEnvironment('TRUFFLES_MASTER_KEY')));
	const [secrets, settingsOverrides] = [
		await readSecrets(options.secretsStdin === true),
		await readOverrides(options.settings),
	];
	const db = createPgDb({ connectionString, applicationName: 'truffles onboard', maxConnections: 1 });
	try {
		const result = await onboardClient({
			db,
			keyring,
			crypto,
			folder: await readClientFolder(path.resolve(folder), PACKS_DIR),
			secrets,
			settingsOverrides,
			chunking: { targetTokens: options.chunkTokens, overlapTokens: options.overlapTokens },
			dryRun: options.dryRun === true,
		});
		const target = readIndexTarget(process.env);
		// A lost collection is rebuilt by the same command, so also when nothing has changed.
		const indexed =
			target === null || options.dryRun === true || result.clientId === null
				? []
				: [await indexKnowledge(db, { id: result.clientId, slug: result.slug }, target)];
		print({ ...result, notes: [...result.notes, ...indexed] }, options);
		return options.dryRun && result.changes.length > 0 ? EXIT.pending : EXIT.done;
	} finally {
		await db.close();
	}
}

function codeOf(error: unknown): number {
	if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
	if (error instanceof UsageProblem) return EXIT.usage;
	if (error instanceof FolderProblem) return EXIT.blocked;
	if (!(error instanceof TrufflesError)) return EXIT.failed;
	if (error.code === 'TRF_DB_UNREACHABLE') return EXIT.environment;
	if (error.code === 'TRF_MASTER_KEY_INVALID') return EXIT.usage;
	return error.code === 'TRF_ONBOARD_INVALID' ? EXIT.blocked : EXIT.failed;
}

async function main(): Promise<void> {
	const program = new Command('npm run onboard --')
		.description("Brings a client's folder into the database; a second run changes nothing.")
		.argument('<folder>', "a client's folder, for example demo/demo_salon")
		.option('--dry-run', 'only show what would change; PostgreSQL refuses to write')
		.option('--json', 'print one JSON object on standard output')
		.option('--settings <file>', 'YAML or JSON merged over the settings of client.yaml')
		.option('--secrets-stdin', 'read the secrets as one JSON object from standard input')
		.option('--show-secret', 'print the secrets that were made up in this run')
		.option('--chunk-tokens <n>', 'size of a piece of knowledge, tokens', wholeNumber, DEFAULT_CHUNK_TOKENS)
		.option('--overlap-tokens <n>', 'text repeated between two pieces, tokens', wholeNumber, DEFAULT_OVERLAP_TOKENS)
		.addHelpText('after', HELP)
		.exitOverride()
		.action(async (folder: string, options: Options) => {
			process.exitCode = await onboard(folder, options);
		});
	try {
		await program.parseAsync();
	} catch (error) {
		process.exitCode = codeOf(error);
		if (error instanceof CommanderError) return;
		const prefix = error instanceof TrufflesError ? `${error.code}  ` : '';
		console.error(`${prefix}${error instanceof Error ? error.message : String(error)}`);
	}
}

void main();
