import { NodeCrypto } from '../../lib/adapters/node-crypto';
import { createPgDb } from '../../lib/adapters/pg-db';
import { ClientKeyring } from '../../lib/crypto/client-keys';
import type { Db } from '../../lib/ports/db';
import { TenantStore } from '../../lib/tenant/tenant-store';
import { EXIT, StackProblem } from './stack-problem';

/** What it takes to speak to one client's gateway and to read its turns, with the rights of the nodes. */
export interface ClientAccess {
	readonly db: Db;
	readonly clientId: string;
	readonly clientSlug: string;
	readonly webhookSecret: string;
	close(): Promise<void>;
}

/**
 * Opens the database as `truffles_app` and reads the client's webhook secret.
 * @throws StackProblem (64) when there is no such client, (1) when it has no secret
 */
export async function openClient(databaseAppUrl: string, masterKey: string, slug: string): Promise<ClientAccess> {
	const db = createPgDb({ connectionString: databaseAppUrl, applicationName: 'truffles chat', maxConnections: 2 });
	try {
		const tenants = new TenantStore(db, new ClientKeyring(new NodeCrypto(), Buffer.from(masterKey, 'base64')));
		const client = await tenants.resolveBySlug(slug);
		if (client === null)
			throw new StackProblem(`There is no client "${slug}". Onboard it with "npm run onboard".`, EXIT.usage);
		const webhookSecret = await tenants.secret(client.id, 'webhook_secret');
		if (webhookSecret === null)
			throw new StackProblem(
				`Client "${slug}" has no webhook secret. Run "npm run onboard" for it again.`,
				EXIT.failed,
			);
		return { db, clientId: client.id, clientSlug: slug, webhookSecret, close: () => db.close() };
	} catch (error) {
		await db.close();
		throw error;
	}
}
