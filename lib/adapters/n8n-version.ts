import { isJsonObject } from '../workflows/workflow-file';
import type { N8nApiOptions } from './n8n-request';

/** `<meta name="n8n:config:sentry" content="base64 of {..., "release": "n8n@2.40.5"}">` in the editor's page. */
const RELEASE_META = /name="n8n:config:sentry"\s+content="([A-Za-z0-9+/=]+)"/;
const TIMEOUT_MS = 10_000;

/**
 * The version of n8n, read from the editor's own page: the public API does not tell it (read in n8n 2.40.5).
 * @returns null when the page is not there (an instance that hides its editor) or says nothing
 */
export async function readN8nVersion({ http, baseUrl }: N8nApiOptions): Promise<string | null> {
	const result = await http.send({
		method: 'GET',
		url: `${baseUrl.replace(/\/+$/, '')}/`,
		headers: { accept: 'text/html' },
		timeoutMs: TIMEOUT_MS,
	});
	const encoded = result.ok ? RELEASE_META.exec(result.response.bodyText)?.[1] : undefined;
	if (encoded === undefined) return null;
	try {
		const meta: unknown = JSON.parse(Buffer.from(encoded, 'base64').toString('utf8'));
		const release = isJsonObject(meta) && typeof meta.release === 'string' ? meta.release : '';
		return /^n8n@(\d+\.\d+\.\d+)/.exec(release)?.[1] ?? null;
	} catch {
		return null;
	}
}
