import type { ICredentialsDecrypted, ICredentialTestFunctions, INodeCredentialTestResult } from 'n8n-workflow';

import { assertAppRole, createPgDb } from '../../lib/adapters/pg-db';
import { describeFailure } from './node-error';

const MASTER_KEY_BYTES = 32;

/**
 * Tests the platform credential the way the nodes will use it: the master key has the right length, the database
 * answers, our schema is there, and the role cannot bypass row-level security (which would let one business see
 * another's rows).
 */
export async function testPlatformCredential(
	this: ICredentialTestFunctions,
	credential: ICredentialsDecrypted,
): Promise<INodeCredentialTestResult> {
	const databaseUrl = textOf(credential, 'databaseUrl');
	if (databaseUrl === '') return { status: 'Error', message: 'The database URL is empty.' };
	if (Buffer.from(textOf(credential, 'masterKey'), 'base64').length !== MASTER_KEY_BYTES) {
		return {
			status: 'Error',
			message: 'The master key is not 32 bytes in base64. Make one with: openssl rand -base64 32',
		};
	}
	try {
		const db = createPgDb({
			connectionString: databaseUrl,
			maxConnections: 1,
			applicationName: 'truffles-credential-test',
		});
		try {
			await assertAppRole(db);
		} finally {
			await db.close();
		}
	} catch (error) {
		return { status: 'Error', message: describeFailure(error).message };
	}
	return { status: 'OK', message: 'Connected; the role is bound by row-level security.' };
}

function textOf(credential: ICredentialsDecrypted, name: string): string {
	const value = credential.data?.[name];
	return typeof value === 'string' ? value.trim() : '';
}
