import type { ICredentialsDecrypted, ICredentialTestFunctions, INodeCredentialTestResult } from 'n8n-workflow';

import { FetchHttp } from '../../lib/adapters/fetch-http';

const TEST_TIMEOUT_MS = 10_000;

/** Tests the model credential with the cheapest call there is: the list of models. "No model" needs no test. */
export async function testModelCredential(
	this: ICredentialTestFunctions,
	credential: ICredentialsDecrypted,
): Promise<INodeCredentialTestResult> {
	const data = credential.data ?? {};
	if (data['provider'] === 'none')
		return { status: 'OK', message: 'No model: answers come from facts and retrieved text.' };
	const baseUrl = String(data['baseUrl'] ?? '').replace(/\/+$/, '');
	if (!/^https?:\/\/\S+$/.test(baseUrl))
		return { status: 'Error', message: 'The base URL must start with http:// or https://.' };
	const sent = await new FetchHttp().send({
		method: 'GET',
		url: `${baseUrl}/models`,
		headers: { authorization: `Bearer ${String(data['apiKey'] ?? '')}` },
		timeoutMs: TEST_TIMEOUT_MS,
	});
	if (!sent.ok) return { status: 'Error', message: `The endpoint did not answer (${sent.failure.kind}).` };
	const { status } = sent.response;
	if (status === 401 || status === 403)
		return { status: 'Error', message: `The endpoint refused the API key (HTTP ${status}).` };
	if (status !== 200)
		return { status: 'Error', message: `The endpoint answered HTTP ${status}; check the base URL, version included.` };
	return { status: 'OK', message: 'The endpoint accepted the API key.' };
}
