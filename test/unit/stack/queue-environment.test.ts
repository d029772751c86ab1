import { buildQueueEnvironment } from '../../../scripts/stack/queue-environment';

const settings = {
	role: 'worker',
	redisUrl: 'rediss://bull:p%40ss@redis.example:7000/3',
	webhookUrl: 'https://in.example/',
	editorUrl: 'https://n8n.example/',
	healthPort: 5701,
} as const;

test('the address of Redis is taken apart for n8n, which wants its parts', () => {
	expect(buildQueueEnvironment(settings)).toMatchObject({
		EXECUTIONS_MODE: 'queue',
		QUEUE_BULL_REDIS_HOST: 'redis.example',
		QUEUE_BULL_REDIS_PORT: '7000',
		QUEUE_BULL_REDIS_DB: '3',
		QUEUE_BULL_REDIS_USERNAME: 'bull',
		QUEUE_BULL_REDIS_PASSWORD: 'p@ss',
		QUEUE_BULL_REDIS_TLS: 'true',
	});
	const plain = buildQueueEnvironment({ ...settings, redisUrl: 'redis://127.0.0.1' });
	expect(plain).toMatchObject({ QUEUE_BULL_REDIS_PORT: '6379', QUEUE_BULL_REDIS_DB: '0' });
	for (const name of ['USERNAME', 'PASSWORD', 'TLS']) expect(plain).not.toHaveProperty(`QUEUE_BULL_REDIS_${name}`);
});

test('only a worker opens a port for its health, and on this machine only', () => {
	expect(buildQueueEnvironment(settings)).toMatchObject({
		QUEUE_HEALTH_CHECK_ACTIVE: 'true',
		QUEUE_HEALTH_CHECK_PORT: '5701',
		N8N_WORKER_SERVER_ADDRESS: '127.0.0.1',
	});
	for (const role of ['main', 'webhook'] as const)
		expect(buildQueueEnvironment({ ...settings, role })).not.toHaveProperty('QUEUE_HEALTH_CHECK_PORT');
});

test('a worker renews its lock several times before it would count as dead', () => {
	const environment = buildQueueEnvironment(settings);
	const [lockMs, renewMs] = ['QUEUE_WORKER_LOCK_DURATION', 'QUEUE_WORKER_LOCK_RENEW_TIME'].map((name) =>
		Number(environment[name]),
	) as [number, number];
	expect(lockMs / renewMs).toBeGreaterThanOrEqual(3);
});
