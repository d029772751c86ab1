import { buildN8nEnvironment } from '../../../scripts/stack/n8n-environment';

const settings = {
	userFolder: '/state/n8n',
	port: 5678,
	brokerPort: 5679,
	encryptionKey: 'key',
	runnersToken: 'token',
	databaseUrl: 'postgres://n8n:p%40ss@127.0.0.1:5433/truffles',
	hookFile: '/state/front-door.js',
	timeZone: 'Asia/Almaty',
};

test('what the shell holds for us, for npm or for another n8n does not reach n8n', () => {
	const environment = buildN8nEnvironment(settings, {
		HOME: '/home/me',
		HTTPS_PROXY: 'http://proxy',
		OPENAI_API_KEY: 'secret-1',
		DATABASE_URL: 'secret-2',
		TRUFFLES_MASTER_KEY: 'secret-3',
		N8N_PORT: '9999',
		N8N_BASIC_AUTH_PASSWORD: 'secret-4',
		DB_TYPE: 'sqlite',
		NODE_OPTIONS: '--inspect',
		npm_config_ignore_scripts: 'true',
	});
	expect(JSON.stringify(environment)).not.toMatch(/secret-|--inspect|sqlite|9999/);
	expect(environment).not.toHaveProperty('npm_config_ignore_scripts');
	expect(environment).toMatchObject({ HOME: '/home/me', HTTPS_PROXY: 'http://proxy', N8N_PORT: '5678' });
});

test('the door is closed before n8n listens, also in a folder with a space', () => {
	const environment = buildN8nEnvironment({ ...settings, hookFile: '/my state/dist/hooks/front-door.js' }, {});
	expect(environment.NODE_OPTIONS).toBe('--require "/my state/dist/hooks/closed-door.js"');
});

test('triggers of a process that was killed while it started them are started by the next one within seconds', () => {
	const environment = buildN8nEnvironment(settings, {});
	expect(Number(environment.N8N_WORKFLOW_PUBLICATION_OUTBOX_LEASE_SECONDS)).toBeLessThanOrEqual(15);
	expect(Number(environment.N8N_WORKFLOW_PUBLICATION_OUTBOX_POLL_INTERVAL_MS)).toBeLessThanOrEqual(3_000);
});

test('a password is decoded for n8n, which takes it as it is', () => {
	expect(buildN8nEnvironment(settings, {}).DB_POSTGRESDB_PASSWORD).toBe('p@ss');
});

test('n8n and its runner broker listen on this machine only', () => {
	const environment = buildN8nEnvironment(settings, {});
	expect([environment.N8N_LISTEN_ADDRESS, environment.N8N_RUNNERS_BROKER_LISTEN_ADDRESS]).toEqual([
		'127.0.0.1',
		'127.0.0.1',
	]);
});
