/** Brings one client in the database into the state its folder describes. */
import type { ClientKeyring } from '../crypto/client-keys';
import { TrufflesError } from '../errors';
import type { Crypto } from '../ports/crypto';
import type { Db, DbSession } from '../ports/db';
import { parseClientDefinition, type ClientDefinition, type ClientFolder } from './client-definition';
import type { ChunkingOptions } from './document-definition';
import { planOnboarding, type OnboardingChange } from './onboarding-plan';
import { applyChanges, bindClient, createClient, finishOnboarding, loadCurrentClient } from './onboarding-store';

export interface OnboardingOptions {
	/** Connected as the owner or an administrator. */
	readonly db: Db;
	readonly keyring: ClientKeyring;
	readonly crypto: Crypto;
	readonly folder: ClientFolder;
	/** By name (`SECRET_NAMES`); those not given stay as they are. */
	readonly secrets?: Readonly<Record<string, string>>;
	/** Merged over the folder's settings: hosts of a sandbox, ids of an installation. */
	readonly settingsOverrides?: unknown;
	/** How documents are cut; the defaults are those of lib/knowledge/chunks.ts. */
	readonly chunking?: ChunkingOptions;
	/** Runs in a read-only transaction: PostgreSQL itself refuses to write. */
	readonly dryRun?: boolean;
}

export interface OnboardingResult {
	/** Null in a dry run of a client that does not exist yet. */
	readonly clientId: string | null;
	readonly slug: string;
	readonly created: boolean;
	readonly configVersion: number;
	/** Empty when nothing had to change. */
	readonly changes: readonly OnboardingChange[];
	readonly notes: readonly string[];
	/** Secrets made up in this run, by name; show them to nobody who did not ask. */
	readonly generatedSecrets: Readonly<Record<string, string>>;
}

/**
 * Validates the folder, compares it with the database and writes the difference in one transaction.
 * A second run with the same folder changes nothing; two runs of one client at once wait for each other.
 *
 * @throws TRF_ONBOARD_INVALID with all problems of all files; TRF_SECRET_UNREADABLE when the master key is not the
 *         one the client was created with; TRF_DB_UNREACHABLE.
 */
export async function onboardClient(options: OnboardingOptions): Promise<OnboardingResult> {
	const { crypto, folder } = options;
	const parsed = parseClientDefinition(
		folder,
		options.settingsOverrides,
		options.secrets ?? {},
		(text) => crypto.sha256Hex(text),
		options.chunking,
	);
	if (!parsed.ok)
		throw new TrufflesError('TRF_ONBOARD_INVALID', { folder: folder.name, problems: parsed.problems.join('; ') });
	return options.db.transaction(async (tx) => {
		if (options.dryRun) await tx.query('set transaction read only');
		await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [
			`truffles onboard ${parsed.definition.slug}`,
		]);
		return onboardInTransaction(tx, options, parsed.definition);
	});
}

async function onboardInTransaction(
	tx: DbSession,
	{ keyring, crypto, folder, dryRun = false }: OnboardingOptions,
	definition: ClientDefinition,
): Promise<OnboardingResult> {
	const existing = await bindClient(tx, definition.slug);
	const current = existing && (await loadCurrentClient(tx, keyring.unwrap(existing.id, existing.wrapped)));
	const { changes, notes } = planOnboarding(definition, current);
	const result = {
		slug: definition.slug,
		created: existing === null,
		changes,
		notes: [...notes, ...documentNotes(definition, folder)],
	};
	if (dryRun || changes.length === 0) {
		return {
			...result,
			clientId: existing?.id ?? null,
			configVersion: current?.configVersion ?? 0,
			generatedSecrets: {},
		};
	}
	const clientId = existing?.id ?? crypto.uuid();
	const wrapped = existing?.wrapped ?? keyring.createDataKey(clientId).wrapped;
	if (existing === null) await createClient(tx, definition, clientId, wrapped);
	const generatedSecrets = await applyChanges(tx, definition, changes, keyring.unwrap(clientId, wrapped), crypto);
	const configVersion = await finishOnboarding(tx, clientId, changes, existing === null);
	return { ...result, clientId, configVersion, generatedSecrets };
}

function documentNotes({ repeatedChunks }: ClientDefinition, { ignored = [] }: ClientFolder): string[] {
	return [
		...(repeatedChunks === 0 ? [] : [`${repeatedChunks} chunks repeat what another document says and are kept once`]),
		...ignored.map((path) => `${path} is not read; documents are .md, .txt, .pdf and .docx files`),
	];
}
