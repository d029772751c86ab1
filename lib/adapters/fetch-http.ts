import type { Http, HttpFailure, HttpRequest, HttpResponse } from '../ports/http';

/** An answer larger than this is cut: no service we call answers with more, and one bad host must not fill the memory. */
const MAX_BODY_BYTES = 4 * 1024 * 1024;

/**
 * Codes of Node, OpenSSL and undici for a connection that was never there: no address, nobody listening, no agreement on
 * encryption. Anything else may have happened after the request had been read, also one that we do not know.
 */
const NEVER_CONNECTED =
	/^(?:ECONNREFUSED|ENOTFOUND|EAI_\w+|EHOSTUNREACH|EHOSTDOWN|ENETUNREACH|ENETDOWN|EADDRNOTAVAIL|UND_ERR_CONNECT_TIMEOUT|ERR_INVALID_URL|ERR_TLS_\w+|ERR_SSL_\w+|CERT_\w+|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_\w+)$/;

/**
 * HTTP through the runtime's own `fetch`. Never throws, never follows redirects (a redirect would carry our
 * headers to another host); the timeout covers the body too. Bodies beyond 4 MiB are cut.
 */
export class FetchHttp implements Http {
	async send(
		request: HttpRequest,
	): Promise<
		{ readonly ok: true; readonly response: HttpResponse } | { readonly ok: false; readonly failure: HttpFailure }
	> {
		const signal = AbortSignal.timeout(request.timeoutMs);
		try {
			const response = await fetch(request.url, {
				method: request.method,
				...(request.headers === undefined ? {} : { headers: { ...request.headers } }),
				...(request.body === undefined ? {} : { body: request.body }),
				redirect: 'manual',
				signal,
			});
			const bodyText = await readBody(response);
			return {
				ok: true,
				response: { status: response.status, headers: Object.fromEntries(response.headers), bodyText },
			};
		} catch (error) {
			if (signal.aborted)
				return { ok: false, failure: { kind: 'timeout', detail: `no answer in ${request.timeoutMs} ms` } };
			const detail = causeCode(error);
			return { ok: false, failure: { kind: NEVER_CONNECTED.test(detail) ? 'connection' : 'interrupted', detail } };
		}
	}
}

async function readBody(response: Response): Promise<string> {
	if (response.body === null) return '';
	const reader = response.body.getReader();
	const parts: Uint8Array[] = [];
	let bytes = 0;
	for (;;) {
		const { done, value } = await reader.read();
		if (done) break;
		parts.push(value);
		bytes += value.byteLength;
		if (bytes > MAX_BODY_BYTES) {
			await reader.cancel();
			break;
		}
	}
	return Buffer.concat(parts).subarray(0, MAX_BODY_BYTES).toString('utf8');
}

/** Only the code of the deepest cause: fetch's messages hold the address, which may hold a token. */
function causeCode(error: unknown): string {
	let current: unknown = error;
	for (let depth = 0; depth < 4 && typeof current === 'object' && current !== null; depth += 1) {
		if ('code' in current && typeof current.code === 'string') return current.code;
		current = 'cause' in current ? current.cause : null;
	}
	return 'connection_failed';
}
