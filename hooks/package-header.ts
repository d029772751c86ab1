import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import path from 'node:path';

/** As asked and answered by `lib/adapters/gateway-probe.ts`. */
export const PROBE_HEADER = 'x-truffles-probe';
const PACKAGE_HEADER = 'x-truffles-package';
const GATEWAY_PREFIX = '/webhook/in/';

/** Version of this package; null when its package.json is not where it is built to. */
const VERSION = readVersion();

/**
 * Tells a deploy which package answers at the gateway: n8n lists only packages that it has installed itself.
 * Only who asks with the probe's header is told; what channels deliver is answered as ever.
 */
export function tellPackage(request: IncomingMessage, response: ServerResponse): void {
	if (VERSION === null || request.headers[PROBE_HEADER] === undefined) return;
	if (request.url?.startsWith(GATEWAY_PREFIX) === true) response.setHeader(PACKAGE_HEADER, VERSION);
}

function readVersion(): string | null {
	// From dist/hooks as well as from hooks.
	for (const relative of ['../../package.json', '../package.json']) {
		try {
			const text = readFileSync(path.resolve(__dirname, relative), 'utf8');
			const { name, version } = JSON.parse(text) as { name?: unknown; version?: unknown };
			if (name === 'n8n-nodes-truffles' && typeof version === 'string') return version;
		} catch {
			// The other place.
		}
	}
	return null;
}
