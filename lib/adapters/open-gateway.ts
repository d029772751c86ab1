import type { IncomingHttpHeaders } from 'node:http';

import type { GatewayResponse } from '../gateway/gateway';

/** One delivery as the server has it, before anybody has read its body. */
export interface ServerDelivery {
	readonly channel: string;
	readonly clientSlug: string;
	readonly headers: IncomingHttpHeaders;
	readonly socketAddress: string | null;
	/** The secret as it stood in the address; behind the front door it is in a header. */
	readonly querySecret?: string | null;
	/** Throws TRF_WEBHOOK_BODY_TOO_LARGE. */
	readonly readBody: (maxBytes: number) => Promise<Buffer>;
}

/** The gateway node's work for one delivery. Never throws. */
export type TakeDelivery = (delivery: ServerDelivery) => Promise<GatewayResponse>;

/**
 * For each delivery n8n reads the published workflow from its database, twice, and makes a node of it: twice as much work as the
 * gateway's own. So it is asked every two seconds, and between two times the same node takes what comes. A changed workflow or
 * credential counts that much later.
 */
const OPEN_FOR_MS = 2_000;

/** The hook and the node are loaded as modules of their own: the package is installed in n8n, the hook lies beside it. */
const PLACE = Symbol.for('n8n-nodes-truffles.open-gateway');

interface Holder {
	[PLACE]?: { readonly take: TakeDelivery; readonly until: number } | undefined;
}
const holder = globalThis as Holder;

/** Called by the gateway node when n8n has asked it. */
export function openGateway(take: TakeDelivery): void {
	holder[PLACE] = { take, until: performance.now() + OPEN_FOR_MS };
}

/** Null: n8n must be asked. */
export function gatewayThatIsOpen(): TakeDelivery | null {
	const open = holder[PLACE];
	return open !== undefined && open.until > performance.now() ? open.take : null;
}

/** The next delivery goes through n8n. */
export function closeGateway(): void {
	holder[PLACE] = undefined;
}
