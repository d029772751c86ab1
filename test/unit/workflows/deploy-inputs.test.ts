import { parseCredentialInventory } from '../../../lib/workflows/credential-inventory';
import { parseDeployConfig } from '../../../lib/workflows/deploy-config';

describe('deploy.config.json', () => {
	const config = (environment: unknown): string => JSON.stringify({ environments: { dev: environment } });

	test('an environment is an address and whether it is protected', () => {
		const parsed = parseDeployConfig(config({ url: 'http://localhost:5678', protected: false }));
		expect(parsed.ok && parsed.environments.get('dev')).toEqual({ url: 'http://localhost:5678', protected: false });
	});

	const refused = [
		{ name: 'no JSON', text: '{', says: ['JSON'] },
		{ name: 'a key for secrets', text: config({ url: 'http://a', protected: false, apiKey: 'x' }), says: ['environments.dev.apiKey is unknown'] },
		{ name: 'an address with a password', text: config({ url: 'http://user:pass@a', protected: false }), says: ['environments.dev.url'] },
		{ name: 'an address with a query', text: config({ url: 'http://a/?key=1', protected: false }), says: ['environments.dev.url'] },
		{ name: 'an address that is none', text: config({ url: 'a', protected: false }), says: ['environments.dev.url'] },
		{ name: 'every problem at once', text: JSON.stringify({ other: 1, environments: { a: 1, b: { url: 'ftp://x', protected: 'no' } } }), says: ['other is unknown', 'environments.a', 'environments.b.url', 'environments.b.protected'] },
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
		{ name: 'a secret beside the name', text: JSON.stringify({ credentials: [{ ...entry, data: { key: 1 } }] }), says: ['unknown keys data'] },
		{ name: 'the same credential twice', text: JSON.stringify({ credentials: [entry, entry] }), says: ['listed twice'] },
		{ name: 'a missing purpose', text: JSON.stringify({ credentials: [{ name: 'A', type: 'a' }] }), says: ['needs the texts'] },
	];
	for (const { name, text, says } of refused) {
		test(`${name} is refused`, () => {
			const parsed = parseCredentialInventory(text);
			const problems = parsed.ok ? '' : parsed.problems.map((problem) => problem.message).join('\n');
			for (const part of says) expect(problems).toContain(part);
		});
	}
});
