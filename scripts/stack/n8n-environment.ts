import path from 'node:path';

export interface N8nSettings {
	readonly userFolder: string;
	readonly port: number;
	readonly brokerPort: number;
	readonly encryptionKey: string;
	readonly runnersToken: string;
	/** Address of the database as role n8n. */
	readonly databaseUrl: string;
	readonly hookFile: string;
	readonly timeZone: string;
}

/** Names that must not leak from the shell into n8n: other settings of n8n, npm's, and our own secrets. */
const OWN_NAMES =
	/^(N8N_|DB_|EXECUTIONS_|QUEUE_|WEBHOOK_URL$|EXTERNAL_|TRUFFLES_|DATABASE_URL$|REDIS_URL$|QDRANT_|OPENAI_|TS_NODE_|NODE_OPTIONS$|NODE_PATH$|npm_|INIT_CWD$)/;

/**
 * The environment n8n runs with. Ground: the shared facts about n8n 2.40.5 (lazy expression engine, no telemetry,
 * community packages on); everything listens on 127.0.0.1.
 */
export function buildN8nEnvironment(settings: N8nSettings, inherited: NodeJS.ProcessEnv): Record<string, string> {
	const environment: Record<string, string> = {};
	for (const [name, value] of Object.entries(inherited)) {
		if (value !== undefined && !OWN_NAMES.test(name)) environment[name] = value;
	}
	const database = new URL(settings.databaseUrl);
	const origin = `http://127.0.0.1:${settings.port}/`;
	return {
		...environment,
		NO_COLOR: '1',
		N8N_USER_FOLDER: settings.userFolder,
		N8N_ENCRYPTION_KEY: settings.encryptionKey,
		N8N_ENFORCE_SETTINGS_FILE_PERMISSIONS: 'true',
		N8N_PORT: String(settings.port),
		N8N_HOST: '127.0.0.1',
		N8N_LISTEN_ADDRESS: '127.0.0.1',
		N8N_PROTOCOL: 'http',
		N8N_EDITOR_BASE_URL: origin,
		WEBHOOK_URL: origin,
		// The editor is served over plain http on the loopback address only.
		N8N_SECURE_COOKIE: 'false',
		DB_TYPE: 'postgresdb',
		DB_POSTGRESDB_HOST: database.hostname,
		DB_POSTGRESDB_PORT: database.port || '5432',
		DB_POSTGRESDB_DATABASE: decodeURIComponent(database.pathname.slice(1)),
		DB_POSTGRESDB_USER: decodeURIComponent(database.username),
		DB_POSTGRESDB_PASSWORD: decodeURIComponent(database.password),
		DB_POSTGRESDB_SCHEMA: 'n8n',
		DB_POSTGRESDB_POOL_SIZE: '8',
		// n8n would set it anew before each statement, a round trip each; the role has it (postgres-server.ts).
		DB_POSTGRESDB_STATEMENT_TIMEOUT: '0',
		...(/^(require|verify-ca|verify-full)$/.test(database.searchParams.get('sslmode') ?? '')
			? { DB_POSTGRESDB_SSL_ENABLED: 'true' }
			: {}),
		N8N_EXPRESSION_ENGINE_LAZY_ACQUIRE: 'true',
		N8N_DIAGNOSTICS_ENABLED: 'false',
		N8N_VERSION_NOTIFICATIONS_ENABLED: 'false',
		N8N_TEMPLATES_ENABLED: 'false',
		N8N_PERSONALIZATION_ENABLED: 'false',
		N8N_HIRING_BANNER_ENABLED: 'false',
		N8N_COMMUNITY_PACKAGES_ENABLED: 'true',
		N8N_UNVERIFIED_PACKAGES_ENABLED: 'true',
		N8N_BLOCK_ENV_ACCESS_IN_NODE: 'true',
		N8N_RUNNERS_BROKER_PORT: String(settings.brokerPort),
		N8N_RUNNERS_BROKER_LISTEN_ADDRESS: '127.0.0.1',
		N8N_RUNNERS_AUTH_TOKEN: settings.runnersToken,
		N8N_GRACEFUL_SHUTDOWN_TIMEOUT: '20',
		EXECUTIONS_DATA_PRUNE: 'true',
		EXECUTIONS_DATA_MAX_AGE: '168',
		EXECUTIONS_DATA_PRUNE_MAX_COUNT: '10000',
		GENERIC_TIMEZONE: settings.timeZone,
		TZ: settings.timeZone,
		EXTERNAL_HOOK_FILES: settings.hookFile,
		// A process that is killed while it starts its triggers keeps them for this long (n8n's own default: 120 s), and nobody
		// takes messages out of the inbox meanwhile.
		N8N_WORKFLOW_PUBLICATION_OUTBOX_LEASE_SECONDS: '15',
		N8N_WORKFLOW_PUBLICATION_OUTBOX_POLL_INTERVAL_MS: '3000',
		// Before n8n is ready it would answer 200 to deliveries that nobody stores.
		NODE_OPTIONS: `--require ${JSON.stringify(path.join(path.dirname(settings.hookFile), 'closed-door.js'))}`,
		PATH: [path.dirname(process.execPath), environment.PATH].filter(Boolean).join(path.delimiter),
	};
}
