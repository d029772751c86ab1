import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { EXIT, StackProblem } from './stack-problem';
import { readPrivateJson, writePrivateJson, type StateFolder } from './state-folder';

/** Everything secret of one stack. Generated at the first start, kept in `secrets.json` (0600), never printed but the owner's login. */
export interface StackSecrets {
	/** Base64 of 32 bytes: encrypts the clients' data keys. */
	readonly masterKey: string;
	readonly n8nEncryptionKey: string;
	readonly postgresPassword: string;
	readonly appDbPassword: string;
	readonly n8nDbPassword: string;
	readonly runnersToken: string;
	/** Of the Redis that --queue-mode starts. */
	readonly redisPassword: string;
	readonly ownerEmail: string;
	readonly ownerPassword: string;
	readonly chatflowToken: string;
	readonly chatflowInstanceId: string;
	readonly telegramBotToken: string;
	readonly telegramChatId: string;
	readonly telegramWebhookSecret: string;
	readonly sandboxModelKey: string;
	readonly webhookSecret: string;
	/** Null until the owner exists. */
	readonly n8nApiKey: string | null;
}

const token = (bytes = 24): string => randomBytes(bytes).toString('base64url');

function generateSecrets(): StackSecrets {
	return {
		masterKey: randomBytes(32).toString('base64'),
		n8nEncryptionKey: token(32),
		postgresPassword: token(),
		appDbPassword: token(),
		n8nDbPassword: token(),
		runnersToken: token(),
		redisPassword: token(),
		ownerEmail: 'owner@truffles.example',
		// n8n asks for a capital letter and a digit; the random part may lack both.
		ownerPassword: `Tr1-${token(12)}`,
		chatflowToken: token(),
		chatflowInstanceId: token(9),
		telegramBotToken: `${randomBytes(4).readUInt32BE() + 1_000_000_000}:${token(27)}`,
		telegramChatId: `-100${1_000_000_000 + (randomBytes(4).readUInt32BE() % 1_000_000_000)}`,
		telegramWebhookSecret: token(),
		sandboxModelKey: `sk-sandbox-${token()}`,
		webhookSecret: token(),
		n8nApiKey: null,
	};
}

/** The stack's secrets; made on the first start. A database without its secrets is a problem: it could not be read. */
export function loadOrCreateSecrets(folder: StateFolder): StackSecrets {
	const stored = readPrivateJson(folder.secretsFile);
	if (stored === null && existsSync(path.join(folder.n8nDir, '.n8n'))) {
		throw new StackProblem(
			`${folder.secretsFile} is missing, and without it the stored data cannot be decrypted. Restore it, or remove the folder ${folder.home} to begin anew.`,
		);
	}
	const generated = generateSecrets();
	const secrets = { ...generated, ...stored } as StackSecrets;
	if (stored === null || Object.keys(generated).some((name) => !(name in stored)))
		writePrivateJson(folder.secretsFile, secrets);
	return secrets;
}

/** Reads the secrets of a stack that was started before. */
export function loadSecrets(folder: StateFolder): StackSecrets {
	const stored = readPrivateJson(folder.secretsFile);
	if (stored === null) throw new StackProblem('No stack was started here yet. Run "npm start" first.', EXIT.conflict);
	return stored as unknown as StackSecrets;
}

/** Keeps a new API key of n8n. */
export function saveApiKey(folder: StateFolder, n8nApiKey: string): void {
	writePrivateJson(folder.secretsFile, { ...readPrivateJson(folder.secretsFile), n8nApiKey });
}
