import { TrufflesError } from '../errors';
import type { ChannelSender } from '../ports/channel-sender';
import type { Http } from '../ports/http';
import type { WhatsappSettings } from '../tenant/channel-settings';
import type { SecretName } from '../tenant/client-settings';
import { ChatflowSender } from './chatflow-sender';
import { dialog360Account, metaAccount, MetaSender } from './meta-sender';

/**
 * The sender of a client's WhatsApp number, whichever provider it has.
 *
 * @param secret the client's secret of this name, or null
 * @throws TRF_SECRET_MISSING when the provider's token was never stored
 */
export async function openWhatsappSender(
	http: Http,
	clientSlug: string,
	{ provider, baseUrl, instanceId }: WhatsappSettings,
	secret: (name: SecretName) => Promise<string | null>,
): Promise<ChannelSender> {
	const need = async (name: SecretName): Promise<string> => {
		const value = await secret(name);
		if (value === null) throw new TrufflesError('TRF_SECRET_MISSING', { client: clientSlug, secret: name });
		return value;
	};
	switch (provider) {
		case 'chatflow':
			return new ChatflowSender(http, { baseUrl, instanceId, token: await need('chatflow_token') });
		case 'meta':
			return new MetaSender(http, metaAccount(baseUrl, instanceId, await need('whatsapp_access_token')));
		case '360dialog':
			return new MetaSender(http, dialog360Account(baseUrl, await need('whatsapp_access_token')));
	}
}
