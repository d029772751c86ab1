/** One jest project per kind of test; `npm test` runs them one after another (scripts/test.ts). */
const swc = ['@swc/jest', { jsc: { target: 'es2022', parser: { syntax: 'typescript', decorators: true } } }];
/** test/mutations removes a guard while its file is read. */
const transform = process.env.TRUFFLES_MUTATION === undefined ? swc : '<rootDir>/test/mutations/mutating-transform.js';

const base = {
	testEnvironment: 'node',
	transform: { '^.+\\.ts$': transform },
	modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/runtime/', '<rootDir>/.truffles/'],
};
const project = (name) => ({ ...base, displayName: name, testMatch: [`<rootDir>/test/${name}/**/*.test.ts`] });

/** Tests against a real PostgreSQL share one cluster per run. */
const onPostgres = (name) => ({
	...project(name),
	globalSetup: '<rootDir>/test/support/postgres-global-setup.ts',
	globalTeardown: '<rootDir>/test/support/postgres-global-teardown.ts',
});

/** End-to-end tests share the stacks of a run. */
const onStack = (name) => ({
	...project(name),
	globalSetup: '<rootDir>/test/support/e2e-global-setup.ts',
	globalTeardown: '<rootDir>/test/support/e2e-global-teardown.ts',
});

module.exports = {
	projects: [
		project('unit'),
		project('eval'),
		onPostgres('node'),
		onPostgres('integration'),
		onPostgres('mutations'),
		onStack('e2e'),
		project('chaos'),
		project('chaos-guards'),
	],
};
