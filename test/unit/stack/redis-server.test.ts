import { assertRedisForQueueMode } from '../../../scripts/stack/redis-server';

test('queue mode without any Redis says what to do, and with an address it asks no further', () => {
	const environment = { PATH: '/nowhere' };
	expect(() => assertRedisForQueueMode(null, environment)).toThrow(
		/Set REDIS_URL .* install redis-server .* without --queue-mode/,
	);
	expect(() => assertRedisForQueueMode('redis://127.0.0.1:6379', environment)).not.toThrow();
});
