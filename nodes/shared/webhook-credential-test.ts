import type { ICredentialsDecrypted, ICredentialTestFunctions, INodeCredentialTestResult } from 'n8n-workflow';

import { FetchHttp } from '../../lib/adapters/fetch-http';

const TEST_TIMEOUT_MS = 10_000;
/** A header name as HTTP allows it (RFC 9110, token). */
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** Tests the webhook credential: the header can be sent, and the test address, when there is one, accepts it. */
export async function testWebhookCredential(
	this: ICredentialTestFunctions,
	credential: ICredentialsDecrypted,
): Promise<INodeCredentialTestResult> {
	const data = credential.data ?? {};
	const [name, value, url] = ['headerName', 'headerValue', 'testUrl'].map((key) => String(data[key] ?? '').trim()) as [
		string,
		string,
		string,
	];
	if (!HEADER_NAME.test(name))
		return { status: 'Error', message: 'The header name may hold letters, digits and dashes only.' };
	if (value === '' || /[\r\n]/.test(value))
		return { status: 'Error', message: 'The header value must be one line and not empty.' };
	if (url === '') return { status: 'OK', message: 'The header is well-formed. Give a test URL to try it.' };
	if (!/^https?:\/\/\S+$/.test(url))
		return { status: 'Error', message: 'The test URL must start with http:// or https://.' };
	const sent = await new FetchHttp().send({
		method: 'POST',
		url,
		headers: { 'content-type': 'application/json', [name]: value },
		body: JSON.stringify({ type: 'truffles.test' }),
		timeoutMs: TEST_TIMEOUT_MS,
	});
	if (!sent.ok) return { status: 'Error', message: `The test URL did not answer (${sent.failure.kind}).` };
	const { status } = sent.response;
	if (status < 200 || status > 299) return { status: 'Error', message: `The test URL answered HTTP ${status}.` };
	return { status: 'OK', message: 'The test URL accepted the header.' };
}
