import type { IncomingMessage } from 'node:http';

import { CHANNEL_HEADER, CLIENT_HEADER, FIXED_PATH } from '../lib/gateway/fixed-path';

/** The channel and the client (same pattern as the check of `clients.slug`) of a delivery. */
const GATEWAY_ADDRESS = /^\/webhook\/in\/([a-z]+)\/([a-z0-9][a-z0-9_-]{1,62})\/?(\?.*)?$/;

/**
 * Leads a delivery to the gateway's fixed address: n8n looks an address with parameters up in its database twice per
 * request, which costs as much as storing the delivery. Whoever writes these headers themselves says no more with them
 * than with the address, and needs the same secret.
 */
export function takeFixedPath(request: { url?: string; method?: string; headers: IncomingMessage['headers'] }): void {
	const found = request.method === 'POST' ? GATEWAY_ADDRESS.exec(request.url ?? '') : null;
	if (found === null) return;
	const [, channel, client, query = ''] = found;
	request.headers[CHANNEL_HEADER] = channel;
	request.headers[CLIENT_HEADER] = client;
	request.url = `/webhook/${FIXED_PATH}${query}`;
}
