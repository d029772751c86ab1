import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { readStackOptions } from '../../../scripts/stack/stack-options';
import { choosePorts } from '../../../scripts/stack/stack-ports';
import { locateStateFolder, prepareStateFolder, type StateFolder } from '../../../scripts/stack/state-folder';

const OWN_DATABASE = {
	DATABASE_URL: 'postgres://postgres@127.0.0.1/postgres',
	TRUFFLES_APP_DB_PASSWORD: 'app',
	TRUFFLES_N8N_DB_PASSWORD: 'n8n',
};
const ANY_PORT = { n8nPort: 0, phonePort: 0 };

let folder: StateFolder;
beforeEach(() => {
	folder = locateStateFolder({ TRUFFLES_HOME: mkdtempSync(path.join(tmpdir(), 'truffles-ports-')) });
	prepareStateFolder(folder);
});
afterEach(() => rmSync(folder.home, { recursive: true, force: true }));

test('after a start with a PostgreSQL of the user, the embedded one gets a port again', async () => {
	expect((await choosePorts(readStackOptions(ANY_PORT, OWN_DATABASE), folder)).postgres).toBe(0);
	expect((await choosePorts(readStackOptions(ANY_PORT, {}), folder)).postgres).toBeGreaterThan(0);
});

test('a start gets the private ports of the one before, also after one in between that did not need them', async () => {
	const queueMode = readStackOptions({ ...ANY_PORT, postgresPort: 0, queueMode: true }, {});
	const first = await choosePorts(queueMode, folder);
	await choosePorts(readStackOptions(ANY_PORT, OWN_DATABASE), folder);
	const { postgres } = await choosePorts(readStackOptions(ANY_PORT, {}), folder);
	expect(postgres).toBe(first.postgres);
	for (const port of [first.postgres, first.webhook, first.redis]) expect(port).toBeGreaterThan(0);
});

test('one n8n process needs neither a webhook port nor Redis', async () => {
	expect(await choosePorts(readStackOptions(ANY_PORT, {}), folder)).toMatchObject({ webhook: 0, redis: 0 });
});
