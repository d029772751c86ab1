import { TrufflesError } from '../errors';
import { type ClientPack, parseClientPack } from '../pack/client-pack';
import { type DomainPack, parseDomainPack } from '../pack/domain-pack';
import type { Db } from '../ports/db';
import { type ClientSettings, parseClientSettings } from './client-settings';

/** What the flow knows of a client apart from its documents. A pack that was never imported is null. */
export interface ClientKnowledge {
	readonly settings: ClientSettings;
	readonly client: ClientPack | null;
	readonly domain: DomainPack | null;
}

/** Loads and validates settings and packs of one client. Throws TRF_SETTINGS_INVALID when the stored rows are not valid. */
export async function loadClientKnowledge(db: Db, clientId: string): Promise<ClientKnowledge> {
	const { rows } = await db.asClient(
		clientId,
		async (tx) =>
			await tx.query<{ settings: unknown; client_pack: unknown; domain_pack: unknown }>(
				'select settings, client_pack, domain_pack from client_settings where client_id = $1',
				[clientId],
			),
	);
	const row = rows[0];
	const settings = parseClientSettings(row?.settings ?? {});
	const client = row?.client_pack == null ? null : parseClientPack(row.client_pack);
	const domain = row?.domain_pack == null ? null : parseDomainPack(row.domain_pack);
	const problems = [settings, client, domain].flatMap((parsed) =>
		parsed !== null && !parsed.ok ? parsed.problems : [],
	);
	if (!settings.ok || problems.length > 0) {
		throw new TrufflesError('TRF_SETTINGS_INVALID', { client: clientId, problems: problems.slice(0, 5).join('; ') });
	}
	return {
		settings: settings.settings,
		client: client?.ok ? client.pack : null,
		domain: domain?.ok ? domain.pack : null,
	};
}
