/**
 * External hook of n8n (`EXTERNAL_HOOK_FILES`): what happens to a request before n8n sees it.
 *
 * - `/webhook/<client_slug>`, the short public address, becomes `/webhook/in/whatsapp/<client_slug>`.
 * - Below `/webhook/in/` the body stays raw: n8n would answer 422 to broken JSON on its own, without asking whether
 *   the sender may speak at all. Our gateway reads the bytes itself, after the secret.
 * - There `?secret=` moves into the header `X-Webhook-Secret`, and `?hub.verify_token=` into `X-Hub-Verify-Token`, so
 *   that no log line with an address shows them.
 * - A delivery goes to the gateway node at once, or to its fixed address (`gateway-address.ts`).
 * - A connection on which nothing is asked stays open for two minutes.
 * - The door that `closed-door.ts` keeps closed while n8n starts is opened.
 *
 * n8n calls `n8n.ready` once, with its server object, whose `server` is the listening http.Server (read in 2.40.5).
 * Without the hook everything works at the long address; broken JSON is then answered by n8n.
 */
import type { IncomingMessage, RequestListener, Server } from 'node:http';

import { openDoor } from './door-state';
import { takeDelivery } from './gateway-address';
import { tellPackage } from './package-header';

const GATEWAY_PREFIX = '/webhook/in/';
/** Same pattern as the check of `clients.slug`. */
const SHORT_ADDRESS = /^\/webhook\/([a-z0-9][a-z0-9_-]{1,62})\/?$/;
/** Webhook nodes of other workflows get a UUID as their default path; those are not ours. */
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** What leaves the address, and the header that carries it on. A header that the sender gave stays. */
const SECRET_PARAMETERS = { secret: 'x-webhook-secret', 'hub.verify_token': 'x-hub-verify-token' } as const;

/**
 * Longer than proxies (nginx 60 s, Caddy 120 s) and channels keep a connection that they may use again, so that they close it.
 * Node.js would close it after five seconds, perhaps while the next delivery is on its way: that one gets a reset and no answer,
 * and not every sender repeats it.
 */
const KEEP_ALIVE_MS = 125_000;

interface FrontDoorRequest {
	url?: string;
	method?: string;
	headers: IncomingMessage['headers'];
}

/** Rewrites one request in place; requests for anything but the gateway are left alone. */
export function openFrontDoor(request: FrontDoorRequest): void {
	const [path = '', ...queryParts] = (request.url ?? '').split('?');
	const query = queryParts.join('?');
	const slug = request.method === 'POST' || request.method === 'GET' ? SHORT_ADDRESS.exec(path)?.[1] : undefined;
	const target = slug !== undefined && slug !== 'in' && !UUID.test(slug) ? `${GATEWAY_PREFIX}whatsapp/${slug}` : path;
	if (!target.startsWith(GATEWAY_PREFIX)) return;

	const given = new URLSearchParams(query);
	const before = given.size;
	for (const [parameter, header] of Object.entries(SECRET_PARAMETERS)) {
		const value = given.get(parameter);
		if (value === null) continue;
		given.delete(parameter);
		request.headers[header] ??= value;
	}
	const keptQuery = given.size === before ? query : given.toString();
	request.url = keptQuery === '' ? target : `${target}?${keptQuery}`;

	const contentType = request.headers['content-type'];
	if (contentType !== undefined) {
		request.headers['x-original-content-type'] = contentType;
		request.headers['content-type'] = 'application/octet-stream';
	}
}

/** The hooks n8n registers: resource, then operation, then functions. */
export const n8n = {
	ready: [
		async function openFrontDoorOf(host: { readonly server: Server }): Promise<void> {
			const { server } = host;
			server.keepAliveTimeout = KEEP_ALIVE_MS;
			const n8nListeners = server.listeners('request') as RequestListener[];
			server.removeAllListeners('request');
			server.on('request', (request, response) => {
				openFrontDoor(request);
				tellPackage(request, response);
				if (takeDelivery(request, response)) return;
				for (const listener of n8nListeners) listener.call(server, request, response);
			});
			openDoor();
		},
	],
};
