import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { startEmbeddedPostgres } from '../../lib/adapters/embedded-postgres';
import { migrate } from '../../lib/adapters/migrate-database';
import { NodeCrypto } from '../../lib/adapters/node-crypto';
import { createPgDb, type PgDb } from '../../lib/adapters/pg-db';
import { ClientKeyring } from '../../lib/crypto/client-keys';
import { onboardClient } from '../../lib/onboarding/onboard-client';
import { readClientFolder } from '../onboard/read-client-folder';
import { findFreePort } from '../stack/ports';

const REPOSITORY = path.join(__dirname, '..', '..');

/** The demo salon in a PostgreSQL of its own, with the settings that a stack of `npm start` has. */
export interface BenchDatabase {
	/** As the nodes' role. */
	readonly db: PgDb;
	readonly clientId: string;
	stop(): Promise<void>;
}

/** Starts the server, migrates it and onboards the salon. */
export async function startBenchDatabase(): Promise<BenchDatabase> {
	const dir = mkdtempSync(path.join(tmpdir(), 'truffles-bench-pg-'));
	const port = await findFreePort();
	const appPassword = randomBytes(12).toString('hex');
	const server = await startEmbeddedPostgres({
		dataDir: path.join(dir, 'data'),
		port,
		superuserPassword: randomBytes(12).toString('hex'),
		log: () => undefined,
	});
	const stopServer = async (): Promise<void> => {
		await server.stop();
		rmSync(dir, { recursive: true, force: true });
		rmSync(server.dataDir, { recursive: true, force: true });
	};
	try {
		await migrate({ adminConnectionString: server.url, appRolePassword: appPassword });
		const admin = createPgDb({ connectionString: server.url, applicationName: 'bench-admin' });
		const crypto = new NodeCrypto();
		const folder = await readClientFolder(path.join(REPOSITORY, 'demo', 'demo_salon'), path.join(REPOSITORY, 'packs'));
		const keyring = new ClientKeyring(crypto, randomBytes(32));
		const { clientId } = await onboardClient({
			db: admin,
			keyring,
			crypto,
			folder,
			settingsOverrides: {},
			secrets: {},
		});
		await admin.close();
		const appUrl = new URL(server.url);
		appUrl.username = 'truffles_app';
		appUrl.password = appPassword;
		const db = createPgDb({ connectionString: appUrl.toString(), applicationName: 'bench' });
		return {
			db,
			clientId: clientId as string,
			stop: async () => {
				await db.close();
				await stopServer();
			},
		};
	} catch (error) {
		await stopServer();
		throw error;
	}
}
