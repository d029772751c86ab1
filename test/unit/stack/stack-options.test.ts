import { readStackOptions } from '../../../scripts/stack/stack-options';
import { StackProblem } from '../../../scripts/stack/stack-problem';

const problemOf = (flags: Parameters<typeof readStackOptions>[0], environment: NodeJS.ProcessEnv): StackProblem => {
	try {
		readStackOptions(flags, environment);
	} catch (error) {
		if (error instanceof StackProblem) return error;
	}
	throw new Error('the options were accepted');
};

test('without a key there is no model, with one it is the endpoint', () => {
	expect(readStackOptions({}, {}).model).toEqual({ kind: 'off' });
	expect(readStackOptions({}, { OPENAI_API_KEY: 'k', OPENAI_BASE_URL: 'http://localhost:1234/v1' }).model).toEqual({
		kind: 'endpoint',
		provider: 'openaiCompatible',
		apiKey: 'k',
		baseUrl: 'http://localhost:1234/v1',
	});
});

test('a key of Anthropic brings its own models and address', () => {
	expect(readStackOptions({}, { ANTHROPIC_API_KEY: 'k' })).toMatchObject({
		model: { kind: 'endpoint', provider: 'anthropic', apiKey: 'k', baseUrl: 'https://api.anthropic.com' },
		cheapModel: 'claude-haiku-4-5',
	});
});

test('a local model needs its address and its name', () => {
	const environment = { TRUFFLES_LOCAL_MODEL_URL: 'http://127.0.0.1:11434/v1', TRUFFLES_LOCAL_MODEL: 'qwen3' };
	expect(readStackOptions({}, environment).localModel).toEqual({
		baseUrl: 'http://127.0.0.1:11434/v1',
		model: 'qwen3',
	});
	expect(problemOf({}, { TRUFFLES_LOCAL_MODEL: 'qwen3' }).message).toContain('TRUFFLES_LOCAL_MODEL_URL');
});

test('a key in the environment does not win over --model off', () => {
	expect(readStackOptions({ model: 'off' }, { OPENAI_API_KEY: 'k' }).model).toEqual({ kind: 'off' });
});

test('an external database is refused without the passwords of the roles made in it', () => {
	const problem = problemOf({}, { DATABASE_URL: 'postgres://admin:secret@db/x' });
	expect(problem.exitCode).toBe(64);
	expect(problem.message).toContain('TRUFFLES_APP_DB_PASSWORD');
	expect(problem.message).toContain('TRUFFLES_N8N_DB_PASSWORD');
	expect(problem.message).not.toContain('secret');
});

test('all problems come together', () => {
	const { message } = problemOf(
		{ json: true, model: 'openai' },
		{ REDIS_URL: 'localhost:6379', QDRANT_URL: 'x', TRUFFLES_MASTER_KEY: 'short' },
	);
	for (const name of ['REDIS_URL', 'QDRANT_URL', 'TRUFFLES_MASTER_KEY', 'OPENAI_API_KEY', '--json'])
		expect(message).toContain(name);
});

test('queue mode has two workers unless told otherwise, and workers belong to it', () => {
	expect(readStackOptions({}, {}).queueMode).toBeNull();
	expect(readStackOptions({ queueMode: true }, {}).queueMode).toEqual({ workers: 2 });
	expect(readStackOptions({ queueMode: true, workers: 5 }, {}).queueMode).toEqual({ workers: 5 });
	expect(problemOf({ workers: 5 }, {}).message).toContain('--queue-mode');
});
