import { Command, InvalidArgumentError, Option } from 'commander';
import { EXIT, StackProblem } from './stack-problem';

/** Where answers that need writing come from. `off`: facts, retrieval and templates only. */
export type ModelChoice =
	| { readonly kind: 'off' }
	| { readonly kind: 'sandbox' }
	| {
			readonly kind: 'endpoint';
			readonly provider: 'openaiCompatible' | 'anthropic';
			readonly apiKey: string;
			readonly baseUrl: string;
	  };

/** A model on the business's own machine (Ollama, vLLM): messages with personal data go there. */
export interface LocalModel {
	readonly baseUrl: string;
	readonly model: string;
}

/** What one start was asked for: flags and environment, read once, checked whole. */
export interface StackOptions {
	readonly check: boolean;
	readonly json: boolean;
	/** Null: one n8n process does everything. */
	readonly queueMode: { readonly workers: number } | null;
	/** Null: the usual one (of PostgreSQL the remembered one first); 0: any free one. */
	readonly n8nPort: number | null;
	readonly phonePort: number | null;
	readonly postgresPort: number | null;
	readonly model: ModelChoice;
	readonly cheapModel: string;
	readonly strongModel: string;
	readonly embeddingModel: string | null;
	readonly localModel: LocalModel | null;
	/** Administrator's connection string of a PostgreSQL of the user's; null: the embedded one. */
	readonly databaseUrl: string | null;
	readonly redisUrl: string | null;
	readonly qdrantUrl: string | null;
	readonly qdrantApiKey: string | null;
	/** Secrets that an external database needs kept outside this folder; null: the generated ones. */
	readonly appDbPassword: string | null;
	readonly n8nDbPassword: string | null;
	readonly masterKey: string | null;
	readonly n8nEncryptionKey: string | null;
}

const MODELS = ['off', 'sandbox', 'openai', 'anthropic'] as const;
/** Names when the environment gives none. */
const DEFAULT_MODELS = {
	openaiCompatible: { cheap: 'gpt-4.1-mini', strong: 'gpt-4.1' },
	anthropic: { cheap: 'claude-haiku-4-5', strong: 'claude-sonnet-5-5' },
} as const;
const MASTER_KEY_BYTES = 32;
const DEFAULT_WORKERS = 2;
const MAX_WORKERS = 16;
const OPENAI_BASE_URL = 'https://api.openai.com/v1';
const ANTHROPIC_BASE_URL = 'https://api.anthropic.com';

const HELP = `
Environment:
  TRUFFLES_HOME               folder of this stack (default: .truffles beside package.json)
  DATABASE_URL                administrator's address of your own PostgreSQL 15+; then also
                              TRUFFLES_APP_DB_PASSWORD and TRUFFLES_N8N_DB_PASSWORD, and
                              TRUFFLES_MASTER_KEY (base64 of 32 bytes) and N8N_ENCRYPTION_KEY when several machines share it
  REDIS_URL, QDRANT_URL       your own Redis and Qdrant (QDRANT_API_KEY); without them neither is needed.
                              --queue-mode takes REDIS_URL, or starts the redis-server on PATH
  OPENAI_API_KEY              switches models on; OPENAI_BASE_URL for any compatible endpoint,
                              TRUFFLES_CHEAP_MODEL, TRUFFLES_STRONG_MODEL, TRUFFLES_EMBEDDING_MODEL
  ANTHROPIC_API_KEY           the same with Claude models (ANTHROPIC_BASE_URL)
  TRUFFLES_LOCAL_MODEL_URL    OpenAI-compatible address of a model on your own machine, for example Ollama's
                              http://127.0.0.1:11434/v1; TRUFFLES_LOCAL_MODEL names it. Messages with
                              personal data go there instead of leaving the country
  TRUFFLES_N8N_PORT, TRUFFLES_PHONE_PORT, TRUFFLES_POSTGRES_PORT   as the flags

Exit codes: 0 done or stopped by Ctrl-C, 1 a check failed, 3 the machine (network, disk, port), 4 a stack runs already, 64 usage

Examples:
  npm start
  npm start -- --n8n-port 5800 --phone-port 8090
  npm start -- --queue-mode --workers 3
  npm start -- --check --json`;

function parsePort(text: string): number {
	const port = Number(text);
	if (!/^\d+$/.test(text) || port > 65_535)
		throw new InvalidArgumentError('a port is a number from 0 (any free one) to 65535.');
	return port;
}

function parseWorkers(text: string): number {
	const workers = Number(text);
	if (!/^\d+$/.test(text) || workers < 1 || workers > MAX_WORKERS)
		throw new InvalidArgumentError(`a number of workers from 1 to ${MAX_WORKERS}.`);
	return workers;
}

/** Builds the command line of `npm start`. */
export function startCommand(): Command {
	return new Command('npm start --')
		.description(
			'Starts the demo salon in a real n8n: database, sandbox of WhatsApp and Telegram, n8n with the package and its workflows.',
		)
		.option('--check', 'send the check messages through the whole flow, print the results, stop everything')
		.option('--json', 'with --check: print the results as one JSON object')
		.option('--queue-mode', 'n8n as several processes: main, a webhook process and workers, with Redis between them')
		.addOption(
			new Option('--workers <number>', `workers of --queue-mode (default: ${DEFAULT_WORKERS})`).argParser(parseWorkers),
		)
		.addOption(
			new Option(
				'--model <choice>',
				'off: no model; sandbox: the scripted endpoint; openai: OPENAI_API_KEY, anthropic: ANTHROPIC_API_KEY (default: the key that is set)',
			)
				.choices([...MODELS])
				.env('TRUFFLES_MODEL'),
		)
		.addOption(
			new Option('--n8n-port <port>', 'editor and webhooks (default: 5678)')
				.argParser(parsePort)
				.env('TRUFFLES_N8N_PORT'),
		)
		.addOption(
			new Option('--phone-port <port>', 'page with the phone and the managers group (default: 8080)')
				.argParser(parsePort)
				.env('TRUFFLES_PHONE_PORT'),
		)
		.addOption(
			new Option('--postgres-port <port>', 'embedded PostgreSQL (default: 5433, or a free one)')
				.argParser(parsePort)
				.env('TRUFFLES_POSTGRES_PORT'),
		)
		.addHelpText('after', HELP)
		.allowExcessArguments(false);
}

interface Flags {
	readonly check?: boolean;
	readonly json?: boolean;
	readonly queueMode?: boolean;
	readonly workers?: number;
	readonly model?: (typeof MODELS)[number];
	readonly n8nPort?: number;
	readonly phonePort?: number;
	readonly postgresPort?: number;
}

/**
 * Joins flags and environment into frozen options.
 * @throws StackProblem (64) that lists all problems at once
 */
export function readStackOptions(flags: Flags, environment: NodeJS.ProcessEnv): StackOptions {
	const problems: string[] = [];
	const text = (name: string): string | null => environment[name]?.trim() || null;
	const address = (name: string, protocols: readonly string[]): string | null => {
		const value = text(name);
		if (value === null) return null;
		if (!URL.canParse(value) || !protocols.includes(new URL(value).protocol))
			problems.push(
				`${name} must be an address that begins with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`,
			);
		return value;
	};
	const databaseUrl = address('DATABASE_URL', ['postgres:', 'postgresql:']);
	const redisUrl = address('REDIS_URL', ['redis:', 'rediss:']);
	const qdrantUrl = address('QDRANT_URL', ['http:', 'https:']);
	const endpoints = {
		openai: {
			provider: 'openaiCompatible',
			baseUrl: address('OPENAI_BASE_URL', ['http:', 'https:']) ?? OPENAI_BASE_URL,
			apiKey: text('OPENAI_API_KEY'),
			variable: 'OPENAI_API_KEY',
		},
		anthropic: {
			provider: 'anthropic',
			baseUrl: address('ANTHROPIC_BASE_URL', ['http:', 'https:']) ?? ANTHROPIC_BASE_URL,
			apiKey: text('ANTHROPIC_API_KEY'),
			variable: 'ANTHROPIC_API_KEY',
		},
	} as const;
	const localUrl = address('TRUFFLES_LOCAL_MODEL_URL', ['http:', 'https:']);
	const localName = text('TRUFFLES_LOCAL_MODEL');
	if ((localUrl === null) !== (localName === null))
		problems.push('TRUFFLES_LOCAL_MODEL_URL and TRUFFLES_LOCAL_MODEL belong together: set both or none');
	const masterKey = text('TRUFFLES_MASTER_KEY');
	if (masterKey !== null && Buffer.from(masterKey, 'base64').length !== MASTER_KEY_BYTES)
		problems.push('TRUFFLES_MASTER_KEY must be the base64 of 32 bytes');
	if (databaseUrl !== null) {
		for (const name of ['TRUFFLES_APP_DB_PASSWORD', 'TRUFFLES_N8N_DB_PASSWORD']) {
			if (text(name) === null)
				problems.push(`${name} must be set with DATABASE_URL: it becomes the password of a role in that database`);
		}
	}
	const withKey = Object.entries(endpoints).find(([, { apiKey }]) => apiKey !== null)?.[0] as
		keyof typeof endpoints | undefined;
	const choice = flags.model ?? withKey ?? 'off';
	const endpoint = choice === 'openai' || choice === 'anthropic' ? endpoints[choice] : null;
	if (endpoint !== null && endpoint.apiKey === null)
		problems.push(`${endpoint.variable} must be set for --model ${choice} (any text when the endpoint needs none)`);
	if (flags.json === true && flags.check !== true) problems.push('--json goes with --check');
	if (flags.workers !== undefined && flags.queueMode !== true) problems.push('--workers goes with --queue-mode');
	if (problems.length > 0) throw new StackProblem(`The stack cannot start:\n- ${problems.join('\n- ')}`, EXIT.usage);
	return Object.freeze({
		check: flags.check === true,
		json: flags.json === true,
		queueMode: flags.queueMode === true ? { workers: flags.workers ?? DEFAULT_WORKERS } : null,
		n8nPort: flags.n8nPort ?? null,
		phonePort: flags.phonePort ?? null,
		postgresPort: flags.postgresPort ?? null,
		model:
			endpoint !== null && endpoint.apiKey !== null
				? { kind: 'endpoint', provider: endpoint.provider, apiKey: endpoint.apiKey, baseUrl: endpoint.baseUrl }
				: { kind: choice === 'sandbox' ? 'sandbox' : 'off' },
		cheapModel: text('TRUFFLES_CHEAP_MODEL') ?? DEFAULT_MODELS[endpoint?.provider ?? 'openaiCompatible'].cheap,
		strongModel: text('TRUFFLES_STRONG_MODEL') ?? DEFAULT_MODELS[endpoint?.provider ?? 'openaiCompatible'].strong,
		embeddingModel: text('TRUFFLES_EMBEDDING_MODEL'),
		localModel: localUrl === null || localName === null ? null : { baseUrl: localUrl, model: localName },
		databaseUrl,
		redisUrl,
		qdrantUrl,
		qdrantApiKey: text('QDRANT_API_KEY'),
		appDbPassword: text('TRUFFLES_APP_DB_PASSWORD'),
		n8nDbPassword: text('TRUFFLES_N8N_DB_PASSWORD'),
		masterKey,
		n8nEncryptionKey: text('N8N_ENCRYPTION_KEY'),
	} satisfies StackOptions);
}
