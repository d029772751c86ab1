/** The circuit breaker shared by real processes over a real Redis. */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { promisify } from 'node:util';

import { hasRedis, startTestRedis, type TestRedis } from '../support/redis';

jest.setTimeout(60_000);

const REPOSITORY = path.join(__dirname, '..', '..');
const PROBE_MS = 30_000;
const describeWithRedis = hasRedis() ? describe : describe.skip;

describeWithRedis('a breaker shared through Redis', () => {
	let redis: TestRedis;
	beforeAll(async () => {
		redis = await startTestRedis();
	});
	afterAll(async () => await redis?.stop());

	/** Runs these actions in a process of their own and returns what it was told. */
	const inProcess = async (clientId: string, actions: string, laterMs = 0): Promise<string[]> => {
		const { stdout } = await promisify(execFile)(
			process.execPath,
			[
				'-r',
				'ts-node/register/transpile-only',
				path.join(REPOSITORY, 'test', 'support', 'breaker-process.ts'),
				redis.url,
				clientId,
				actions,
				String(laterMs),
			],
			{ cwd: REPOSITORY },
		);
		return JSON.parse(stdout) as string[];
	};

	test('is opened by failures of two processes together, and both see it open', async () => {
		const client = randomUUID();
		expect(await inProcess(client, 'fail,fail,ask')).toEqual(['closed']);
		expect(await inProcess(client, 'ask,fail,ask')).toEqual(['closed', 'open']);
		expect(await inProcess(client, 'ask')).toEqual(['open']);
		expect(await inProcess(randomUUID(), 'ask')).toEqual(['closed']);
	});

	test('is opened by three processes that fail at the same moment', async () => {
		const client = randomUUID();
		await Promise.all([1, 2, 3].map(async () => await inProcess(client, 'fail')));
		expect(await inProcess(client, 'ask')).toEqual(['open']);
	});

	test('lets one probe of all processes through, and its success closes it for all', async () => {
		const client = randomUUID();
		await inProcess(client, 'fail,fail,fail');
		const asked = await Promise.all([1, 2].map(async () => await inProcess(client, 'ask,ask', PROBE_MS + 5_000)));
		expect(asked.flat().sort()).toEqual(['open', 'open', 'open', 'probe']);
		await inProcess(client, 'heal');
		expect(await inProcess(client, 'ask,fail,fail,ask')).toEqual(['closed', 'closed']);
	});
});
