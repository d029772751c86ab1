import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseCredentialInventory } from '../../../lib/workflows/credential-inventory';
import { parseDeployConfig } from '../../../lib/workflows/deploy-config';

describe('deploy.config.json', () => {
	const config = (environment: unknown): string => JSON.stringify({ environments: { dev: environment } });
	const local = { url: 'http://localhost:5678', protected: false };

	test('an environment needs its address and whether it is protected; the rest has defaults', () => {
		const parsed = parseDeployConfig(config(local));
		expect(parsed.ok && parsed.environments.get('dev')).toEqual({
			name: 'dev',
			...local,
			publicUrl: local.url,
			tags: [],
			requires: { n8n: {}, package: false, migrations: false },
			credentials: new Map(),
			lockFile: 'deploy/dev.lock.json',
		});
	});

	test('the committed file is valid and protects prod', () => {
		const parsed = parseDeployConfig(readFileSync(join(__dirname, '../../../deploy.config.json'), 'utf8'));
		expect(parsed.ok && [...parsed.environments.keys()]).toEqual(['dev', 'staging', 'prod']);
		expect(parsed.ok && parsed.environments.get('prod')?.protected).toBe(true);
	});

	const refused = [
		{ name: 'no JSON', text: '{', says: ['JSON'] },
		{
			name: 'a key for secrets',
			text: config({ ...local, apiKey: 'x' }),
			says: ['deploy.config.json/environments/dev: unknown key "apiKey"; known: url,'],
		},
		{
			name: 'an address with a password',
			text: config({ ...local, url: 'http://user:pass@a' }),
			says: ['/dev/url: must be an http(s) address'],
		},
		{ name: 'an address with a query', text: config({ ...local, url: 'http://a/?key=1' }), says: ['/dev/url'] },
		{ name: 'an address that is none', text: config({ ...local, url: 'a' }), says: ['/dev/url'] },
		{
			name: 'a name that is no word',
			text: JSON.stringify({ environments: { 'My Prod': local } }),
			says: ['environments'],
		},
		{
			name: 'a version that is none',
			text: config({ ...local, requires: { n8n: { from: '^2.40' } } }),
			says: ['/requires/n8n/from'],
		},
		{
			name: 'every problem at once',
			text: JSON.stringify({ other: 1, environments: { a: 1, b: { url: 'ftp://x', protected: 'no' } } }),
			says: ['unknown key "other"', 'environments/a', 'environments/b/url', 'environments/b/protected'],
		},
	];
	for (const { name, text, says } of refused) {
		test(`${name} is refused`, () => {
			const parsed = parseDeployConfig(text);
			const problems = parsed.ok ? '' : parsed.problems.join('\n');
			for (const part of says) expect(problems).toContain(part);
		});
	}
});

describe('credentials.json', () => {
	const entry = { name: 'A', type: 'aApi', purpose: 'why' };
	const refused = [
		{ name: 'another shape', text: '[]', says: ['must be {"credentials"'] },
		{
			name: 'a secret beside the name',
			text: JSON.stringify({ credentials: [{ ...entry, data: { key: 1 } }] }),
			says: ['unknown keys data'],
		},
		{
			name: 'the same credential twice',
			text: JSON.stringify({ credentials: [entry, entry] }),
			says: ['listed twice'],
		},
		{
			name: 'a missing purpose',
			text: JSON.stringify({ credentials: [{ name: 'A', type: 'a' }] }),
			says: ['needs the texts'],
		},
	];
	for (const { name, text, says } of refused) {
		test(`${name} is refused`, () => {
			const parsed = parseCredentialInventory(text);
			const problems = parsed.ok ? '' : parsed.problems.map((problem) => problem.message).join('\n');
			for (const part of says) expect(problems).toContain(part);
		});
	}
});
