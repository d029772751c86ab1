/** One process of several that share a circuit breaker through Redis; see test/integration/circuit-breaker.test.ts. */
import { RedisKv } from '../../lib/adapters/redis-kv';
import { CircuitBreaker } from '../../lib/router/circuit-breaker';

const [url = '', clientId = '', actions = '', laterMs = '0'] = process.argv.slice(2);

async function main(): Promise<void> {
	const kv = new RedisKv({ url, commandTimeoutMs: 5_000 });
	const breaker = new CircuitBreaker(kv, clientId, 'model:openai:gpt-4.1');
	const now = new Date(Date.now() + Number(laterMs));
	const answers: string[] = [];
	await kv.get('connected');
	for (const action of actions.split(',')) {
		if (action === 'fail') await breaker.failed(now, 'closed');
		if (action === 'ask') answers.push(await breaker.admission(now));
		if (action === 'heal') await breaker.succeeded('probe');
	}
	process.stdout.write(JSON.stringify(answers));
	await kv.close();
}

void main();
