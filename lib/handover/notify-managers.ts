import { parsePhoneNumberFromString } from 'libphonenumber-js';

import { ERRORS, formatError, TrufflesError } from '../errors';
import type { DbSession } from '../ports/db';
import type { ManagerChannel, ManagerNotice, NoticeResult } from '../ports/manager-channel';
import type { HandoverSettings } from '../tenant/client-settings';
import type { HandoverPorts } from './handover-ports';

const NOTICE_TIMEOUT_MS = 10_000;

/** What one notice says; buttons and reply are the channel's business. */
export interface NoticeContent {
	readonly text: string;
	readonly buttons: ManagerNotice['buttons'];
	readonly inReplyTo: string | null;
	readonly event: Readonly<Record<string, unknown>>;
}

export interface NoticeDelivery {
	readonly delivered: boolean;
	readonly channel: ManagerChannel | null;
	readonly providerMessageId: string | null;
}

/**
 * Tells the managers through the client's adapter, then through its fallback adapter.
 * What could not be delivered is written to `error_logs`; the handover stays pending and the caller postpones it.
 */
export async function notifyManagers(
	ports: HandoverPorts,
	clientId: string,
	settings: HandoverSettings | undefined,
	content: NoticeContent,
	update: { readonly messageId: string } | null = null,
): Promise<NoticeDelivery> {
	const adapters = [settings?.adapter, settings?.fallbackAdapter].filter((name) => name !== undefined);
	let lastCode = 'not_configured';
	for (const adapter of adapters) {
		const result = await tryAdapter(ports, clientId, adapter, { ...content, timeoutMs: NOTICE_TIMEOUT_MS }, update);
		if (result.kind === 'sent')
			return { delivered: true, channel: result.channel, providerMessageId: result.providerMessageId };
		lastCode = result.code;
	}
	await ports.db.query('select truffles.write_error_log($1, $2, $3, $4, $5, $6, $7, $8)', [
		clientId,
		'7_Handover',
		'Handover',
		'TRF_NOTIFY_FAILED',
		ERRORS.TRF_NOTIFY_FAILED.family,
		formatError('TRF_NOTIFY_FAILED', { adapter: adapters.join(', ') || 'none', code: lastCode }),
		null,
		null,
	]);
	return { delivered: false, channel: null, providerMessageId: null };
}

async function tryAdapter(
	ports: HandoverPorts,
	clientId: string,
	adapter: HandoverSettings['adapter'],
	notice: ManagerNotice,
	update: { readonly messageId: string } | null,
): Promise<
	{ kind: 'sent'; channel: ManagerChannel; providerMessageId: string | null } | { kind: 'failed'; code: string }
> {
	let channel: ManagerChannel | null;
	try {
		channel = await ports.managerChannelFor(clientId, adapter);
	} catch (error) {
		return { kind: 'failed', code: error instanceof TrufflesError ? error.code : 'not_configured' };
	}
	if (channel === null) return { kind: 'failed', code: 'not_configured' };
	const result: NoticeResult =
		update === null ? await channel.notify(notice) : await channel.update(update.messageId, notice);
	if (result.kind === 'sent') return { kind: 'sent', channel, providerMessageId: result.providerMessageId };
	return { kind: 'failed', code: result.code };
}

/** The customer's number as people write it, from the channel's address; null when that holds no number or cannot be read. */
export async function customerPhone(
	ports: HandoverPorts,
	tx: DbSession,
	clientId: string,
	userId: string,
): Promise<string | null> {
	const { rows } = await tx.query<{ address_enc: Buffer }>(
		'select address_enc from users where client_id = $1 and id = $2',
		[clientId, userId],
	);
	const sealed = rows[0]?.address_enc;
	if (sealed === undefined) return null;
	const address = await ports.decryptAddress(clientId, sealed).catch((error: unknown) => {
		if (error instanceof TrufflesError && !error.retryable) return '';
		throw error;
	});
	const digits = /^(\d{6,15})@/.exec(address)?.[1];
	return digits === undefined
		? null
		: (parsePhoneNumberFromString(`+${digits}`)?.formatInternational() ?? `+${digits}`);
}
