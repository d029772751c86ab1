/** SQL of onboarding. Runs as the owner or an administrator: the nodes' role may not create clients. */
import type { ClientKey } from '../crypto/client-keys';
import type { Crypto } from '../ports/crypto';
import type { DbSession } from '../ports/db';
import { saveSecret, secretAad } from '../tenant/tenant-store';
import type { ClientDefinition } from './client-definition';
import type { DocumentDefinition } from './document-definition';
import type { ChangeKind, CurrentClient, OnboardingChange } from './onboarding-plan';

/** Finds a client's id and wrapped key, and binds the transaction to the client. Null when the slug is free. */
export async function bindClient(tx: DbSession, slug: string): Promise<{ id: string; wrapped: Buffer } | null> {
	const { rows } = await tx.query<{ id: string; data_key_wrapped: Buffer }>(
		'select id, data_key_wrapped from truffles.resolve_client($1)',
		[slug],
	);
	const row = rows[0];
	if (!row) return null;
	await bindTo(tx, row.id);
	return { id: row.id, wrapped: row.data_key_wrapped };
}

async function bindTo(tx: DbSession, clientId: string): Promise<void> {
	await tx.query(`select set_config('truffles.client_id', $1, true)`, [clientId]);
}

/** Everything the plan compares, secrets decrypted. The transaction must be bound to the client. */
export async function loadCurrentClient(tx: DbSession, key: ClientKey): Promise<CurrentClient> {
	const id = key.clientId;
	const one = await tx.query<CurrentClient>(
		`select c.id, c.name, c.time_zone as "timeZone", c.default_language as "defaultLanguage", c.config_version as "configVersion",
		        json_build_object('name', o.name, 'bin', o.bin) as company,
		        s.settings, s.client_pack as "clientPack", s.domain_pack as "domainPack"
		 from truffles.clients c join truffles.companies o on o.id = c.company_id
		 left join truffles.client_settings s on s.client_id = c.id where c.id = $1`,
		[id],
	);
	const branches = await tx.query<CurrentClient['branches'][number]>(
		`select key, name, address, phone_display as "phoneDisplay", is_default as "isDefault", knowledge_tag as "knowledgeTag"
		 from truffles.branches where client_id = $1`,
		[id],
	);
	const staff = await tx.query<CurrentClient['staff'][number]>(
		`select name, role, telegram_user_id as "telegramUserId" from truffles.staff where client_id = $1 and telegram_user_id is not null`,
		[id],
	);
	const prompts = await tx.query<CurrentClient['prompts'][number]>(
		'select name, body from truffles.prompts where client_id = $1 and is_active',
		[id],
	);
	const documents = await tx.query<CurrentClient['documents'][number]>(
		`select path, content_hash as "contentHash", metadata ->> 'chunksHash' as "chunksHash" from truffles.documents
		 where client_id = $1 and (metadata ->> 'origin' = 'folder' or (metadata ->> 'origin' is null and kind = 'markdown'))`,
		[id],
	);
	const secrets = await tx.query<{ name: string; value_enc: Buffer }>(
		'select name, value_enc from truffles.client_secrets where client_id = $1',
		[id],
	);
	return {
		...(one.rows[0] as CurrentClient),
		branches: branches.rows,
		staff: staff.rows,
		prompts: prompts.rows,
		documents: documents.rows,
		secrets: Object.fromEntries(
			secrets.rows.map(({ name, value_enc }) => [name, key.decrypt(value_enc, secretAad(name))]),
		),
	};
}

/** Creates the company if it is new, and the client; binds the transaction to it. */
export async function createClient(
	tx: DbSession,
	definition: ClientDefinition,
	clientId: string,
	wrapped: Buffer,
): Promise<void> {
	await tx.query(
		`insert into truffles.clients (id, company_id, slug, name, time_zone, default_language, data_key_wrapped)
		 values ($1, $2, $3, $4, $5, $6, $7)`,
		[
			clientId,
			await saveCompany(tx, definition),
			definition.slug,
			definition.name,
			definition.timeZone,
			definition.defaultLanguage,
			wrapped,
		],
	);
	await bindTo(tx, clientId);
}

async function saveCompany(tx: DbSession, { company }: ClientDefinition): Promise<string> {
	const { rows } = await tx.query<{ id: string }>(
		`insert into truffles.companies (name, bin) values ($1, $2)
		 on conflict (name) do update set bin = coalesce(excluded.bin, companies.bin) returning id`,
		[company.name, company.bin],
	);
	return (rows[0] as { id: string }).id;
}

/**
 * Writes the planned changes of an existing client and returns the secrets that were made up, by name.
 * The transaction must be bound to the client.
 */
export async function applyChanges(
	tx: DbSession,
	definition: ClientDefinition,
	changes: readonly OnboardingChange[],
	key: ClientKey,
	crypto: Crypto,
): Promise<Record<string, string>> {
	const id = key.clientId;
	const changed = (kind: ChangeKind) => changes.filter((change) => change.kind === kind);
	if (changed('company').length > 0 || changed('client').length > 0) {
		await tx.query(
			'update truffles.clients set company_id = $2, name = $3, time_zone = $4, default_language = $5 where id = $1',
			[id, await saveCompany(tx, definition), definition.name, definition.timeZone, definition.defaultLanguage],
		);
	}
	if (changed('branch').length > 0) await saveBranches(tx, id, definition);
	if (changed('staff').length > 0) await saveStaff(tx, id, definition);
	for (const { name } of changed('prompt'))
		await savePrompt(tx, id, name, definition.prompts.find((prompt) => prompt.name === name)?.body ?? '');
	if ([...changed('settings'), ...changed('client_pack'), ...changed('domain_pack')].length > 0) {
		await tx.query(
			`insert into truffles.client_settings (client_id, settings, client_pack, domain_pack) values ($1, $2::jsonb, $3::jsonb, $4::jsonb)
			 on conflict (client_id) do update set settings = excluded.settings, client_pack = excluded.client_pack,
			   domain_pack = excluded.domain_pack, updated_at = now()`,
			[
				id,
				JSON.stringify(definition.settings),
				JSON.stringify(definition.clientPack),
				definition.domainPack && JSON.stringify(definition.domainPack),
			],
		);
	}
	for (const { action, name } of changed('document')) {
		const document = definition.documents.find(({ path }) => path === name);
		if (action === 'delete' || !document)
			await tx.query('delete from truffles.documents where client_id = $1 and path = $2', [id, name]);
		else await saveDocument(tx, id, document);
	}
	const generated: Record<string, string> = {};
	for (const { action, name } of changed('secret')) {
		const value =
			action === 'generate' ? crypto.randomBytes(24).toString('base64url') : (definition.secrets[name] ?? '');
		await saveSecret(tx, key, name, value);
		if (action === 'generate') generated[name] = value;
	}
	return generated;
}

async function saveBranches(tx: DbSession, clientId: string, { branches }: ClientDefinition): Promise<void> {
	// At most one branch may be the default at any moment, so the old one steps back first.
	await tx.query('update truffles.branches set is_default = false where client_id = $1 and is_default', [clientId]);
	for (const branch of branches) {
		await tx.query(
			`insert into truffles.branches (client_id, key, name, address, phone_display, is_default, knowledge_tag) values ($1, $2, $3, $4, $5, $6, $7)
			 on conflict (client_id, key) do update set name = excluded.name, address = excluded.address, phone_display = excluded.phone_display,
			   is_default = excluded.is_default, knowledge_tag = excluded.knowledge_tag`,
			[clientId, branch.key, branch.name, branch.address, branch.phoneDisplay, branch.isDefault, branch.knowledgeTag],
		);
	}
}

async function saveStaff(tx: DbSession, clientId: string, { staff }: ClientDefinition): Promise<void> {
	for (const { name, role, telegramUserId } of staff) {
		await tx.query(
			`insert into truffles.staff (client_id, role, name, telegram_user_id) values ($1, $2, $3, $4)
			 on conflict (client_id, telegram_user_id) do update set role = excluded.role, name = excluded.name`,
			[clientId, role, name, telegramUserId],
		);
	}
}

/** A prompt is never changed in place: a new version becomes the active one. */
async function savePrompt(tx: DbSession, clientId: string, name: string, body: string): Promise<void> {
	await tx.query('update truffles.prompts set is_active = false where client_id = $1 and name = $2 and is_active', [
		clientId,
		name,
	]);
	await tx.query(
		`insert into truffles.prompts (client_id, name, version, body, is_active)
		 select $1, $2, coalesce(max(version), 0) + 1, $3, true from truffles.prompts where client_id = $1 and name = $2`,
		[clientId, name, body],
	);
}

/** `metadata.origin` tells the folder's documents from those of other sources, which a folder must not delete. */
async function saveDocument(tx: DbSession, clientId: string, document: DocumentDefinition): Promise<void> {
	const { chunksHash, format } = document;
	const { rows } = await tx.query<{ id: string }>(
		`insert into truffles.documents (client_id, kind, path, content_hash, body, metadata) values ($1, $2, $3, $4, $5, $6::jsonb)
		 on conflict (client_id, path) do update set kind = excluded.kind, content_hash = excluded.content_hash,
		   body = excluded.body, metadata = excluded.metadata, updated_at = now()
		 returning id`,
		[
			clientId,
			document.kind,
			document.path,
			document.contentHash,
			document.text,
			JSON.stringify({ origin: 'folder', format, chunksHash }),
		],
	);
	const documentId = (rows[0] as { id: string }).id;
	await tx.query('delete from truffles.knowledge_chunks where client_id = $1 and document_id = $2', [
		clientId,
		documentId,
	]);
	await tx.query(
		`insert into truffles.knowledge_chunks
		   (client_id, document_id, ordinal, title, text, content_hash, knowledge_tag, language, valid_from, valid_to)
		 select $1, $2, x.ordinal, x.title, x.text, x."contentHash", $4, $5, $6, $7
		 from jsonb_to_recordset($3::jsonb) as x(ordinal integer, title text, text text, "contentHash" text)`,
		[
			clientId,
			documentId,
			JSON.stringify(document.chunks),
			document.knowledgeTag,
			document.language,
			document.validFrom,
			document.validTo,
		],
	);
}

/** Raises the version that keys every cache and leaves a trace; returns the new version. */
export async function finishOnboarding(
	tx: DbSession,
	clientId: string,
	changes: readonly OnboardingChange[],
	created: boolean,
): Promise<number> {
	const { rows } = await tx.query<{ config_version: number }>(
		'update truffles.clients set config_version = config_version + $2 where id = $1 returning config_version',
		[clientId, created ? 0 : 1],
	);
	await tx.query('insert into truffles.audit_log (client_id, actor, action, detail) values ($1, $2, $3, $4::jsonb)', [
		clientId,
		'onboard',
		created ? 'client_created' : 'client_changed',
		JSON.stringify({ changes }),
	]);
	return (rows[0] as { config_version: number }).config_version;
}
