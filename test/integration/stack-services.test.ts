/** What `npm start` puts around n8n, with the real servers. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { findFreePort, isPortFree } from '../../scripts/stack/ports';
import { Shutdown } from '../../scripts/stack/shutdown';
import { readStackOptions } from '../../scripts/stack/stack-options';
import { loadOrCreateSecrets } from '../../scripts/stack/stack-secrets';
import { openDatabase } from '../../scripts/stack/stack-services';
import { locateStateFolder, prepareStateFolder } from '../../scripts/stack/state-folder';

jest.setTimeout(60_000);

test('Ctrl-C while PostgreSQL starts leaves no server behind', async () => {
	const folder = locateStateFolder({ TRUFFLES_HOME: mkdtempSync(path.join(tmpdir(), 'truffles-services-')) });
	prepareStateFolder(folder);
	const shutdown = new Shutdown(() => undefined);
	try {
		const ports = { n8n: 0, phone: 0, postgres: await findFreePort(), broker: 0, webhook: 0, redis: 0 };
		const opening = openDatabase(readStackOptions({}, {}), folder, ports, loadOrCreateSecrets(folder), shutdown);
		opening.catch(() => undefined);
		// The server runs by now, and its start is not at its end: the database is made next.
		expect(await isPortFree(ports.postgres)).toBe(false);
		await shutdown.stopAll();
		expect(await isPortFree(ports.postgres)).toBe(true);
		expect(existsSync(path.join(folder.postgresDir, 'postmaster.pid'))).toBe(false);
		await opening.catch(() => undefined);
	} finally {
		await shutdown.stopAll();
		rmSync(folder.home, { recursive: true, force: true });
	}
});
