import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import { FetchHttp } from '../../lib/adapters/fetch-http';
import { TelegramManagerChannel } from '../../lib/adapters/telegram-manager-channel';
import { WebhookManagerChannel } from '../../lib/adapters/webhook-manager-channel';
import { TrufflesError } from '../../lib/errors';
import type { ManagerChannel } from '../../lib/ports/manager-channel';
import { readJson, readRequiredText, readText } from '../shared/field-values';
import { hasCredential } from '../shared/platform-access';

const SEND_TIMEOUT_MS = 15_000;

/**
 * Sends one notice to the managers, from the fields of one item.
 *
 * @returns adapter and provider id of the notice; throws TRF_SEND_REFUSED or TRF_SEND_UNREACHABLE
 */
export async function sendNoticeFields(context: IExecuteFunctions, itemIndex: number): Promise<IDataObject> {
	const channel = await openChannel(context, itemIndex);
	const replyTo = readText(context, 'inReplyTo', itemIndex).trim();
	const result = await channel.notify({
		text: readRequiredText(context, 'text', itemIndex),
		buttons: [],
		inReplyTo: replyTo === '' ? null : replyTo,
		event: channel.adapter === 'webhook' ? readEvent(context, itemIndex) : {},
		timeoutMs: SEND_TIMEOUT_MS,
	});
	if (result.kind === 'sent') return { adapter: channel.adapter, messageId: result.providerMessageId, notified: true };
	const code = result.kind === 'refused' ? 'TRF_SEND_REFUSED' : 'TRF_SEND_UNREACHABLE';
	throw new TrufflesError(code, { channel: channel.adapter, code: result.code });
}

async function openChannel(context: IExecuteFunctions, itemIndex: number): Promise<ManagerChannel> {
	const http = new FetchHttp();
	if (context.getNodeParameter('adapter', 0) === 'telegram') {
		const account = await context.getCredentials<{ apiBaseUrl: string; botToken: string }>(
			'trufflesTelegramApi',
			itemIndex,
		);
		const { apiBaseUrl, botToken } = account;
		return new TelegramManagerChannel(http, {
			apiBaseUrl,
			botToken,
			chatId: readRequiredText(context, 'chatId', itemIndex),
		});
	}
	const url = readRequiredText(context, 'url', itemIndex);
	if (!/^https?:\/\/\S+$/.test(url))
		throw new TrufflesError('TRF_FIELD_INVALID', { field: 'URL', problem: 'it must start with http:// or https://' });
	if (!hasCredential(context, 'trufflesWebhookApi')) return new WebhookManagerChannel(http, { url, header: null });
	const header = await context.getCredentials<{ headerName: string; headerValue: string }>(
		'trufflesWebhookApi',
		itemIndex,
	);
	return new WebhookManagerChannel(http, { url, header: { name: header.headerName, value: header.headerValue } });
}

function readEvent(context: IExecuteFunctions, itemIndex: number): Readonly<Record<string, unknown>> {
	const event = readJson(context, 'event', itemIndex) ?? {};
	if (typeof event !== 'object' || Array.isArray(event))
		throw new TrufflesError('TRF_FIELD_INVALID', { field: 'Event', problem: 'an object is expected' });
	return event as Readonly<Record<string, unknown>>;
}
