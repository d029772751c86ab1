/** The three kinds of process of n8n's queue mode. `main` has the editor, the API and the triggers. */
export type QueueRole = 'main' | 'webhook' | 'worker';

export interface QueueSettings {
	readonly role: QueueRole;
	/** `redis://` or `rediss://`, with user, password and database number when they are needed. */
	readonly redisUrl: string;
	/** Where the world reaches the webhook processes. */
	readonly webhookUrl: string;
	/** Where the editor is. */
	readonly editorUrl: string;
	/** Port of a worker's health check; the other two answer on N8N_PORT. */
	readonly healthPort?: number;
}

/**
 * How long a worker's jobs count as its own after it fell silent, and how often the others look for such jobs. n8n's defaults
 * (60 s and 30 s) would make the turns of a killed worker wait for a minute and a half. A worker takes a job first and
 * locks it a moment later; with checks every 5 s a busy machine was seen to lose jobs in between, which costs a retry.
 */
const WORKER_LOCK_MS = 20_000;
const WORKER_RENEW_MS = 5_000;
const STALLED_CHECK_MS = 10_000;
const REDIS_PORT = 6379;

/** What a process of queue mode needs beside `buildN8nEnvironment`; read in n8n 2.40.5 (docs/queue-mode.md explains each). */
export function buildQueueEnvironment(settings: QueueSettings): Record<string, string> {
	const redis = new URL(settings.redisUrl);
	return {
		EXECUTIONS_MODE: 'queue',
		QUEUE_BULL_REDIS_HOST: redis.hostname,
		QUEUE_BULL_REDIS_PORT: redis.port || String(REDIS_PORT),
		QUEUE_BULL_REDIS_DB: redis.pathname.replace('/', '') || '0',
		...(redis.username === '' ? {} : { QUEUE_BULL_REDIS_USERNAME: decodeURIComponent(redis.username) }),
		...(redis.password === '' ? {} : { QUEUE_BULL_REDIS_PASSWORD: decodeURIComponent(redis.password) }),
		...(redis.protocol === 'rediss:' ? { QUEUE_BULL_REDIS_TLS: 'true' } : {}),
		QUEUE_WORKER_LOCK_DURATION: String(WORKER_LOCK_MS),
		QUEUE_WORKER_LOCK_RENEW_TIME: String(WORKER_RENEW_MS),
		QUEUE_WORKER_STALLED_INTERVAL: String(STALLED_CHECK_MS),
		WEBHOOK_URL: settings.webhookUrl,
		N8N_EDITOR_BASE_URL: settings.editorUrl,
		...(settings.role === 'worker' && settings.healthPort !== undefined
			? {
					QUEUE_HEALTH_CHECK_ACTIVE: 'true',
					QUEUE_HEALTH_CHECK_PORT: String(settings.healthPort),
					N8N_WORKER_SERVER_ADDRESS: '127.0.0.1',
				}
			: {}),
	};
}
