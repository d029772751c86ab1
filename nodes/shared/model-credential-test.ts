import type {
	ICredentialsDecrypted,
	ICredentialTestFunctions,
	IDataObject,
	INodeCredentialTestResult,
} from 'n8n-workflow';

import { FetchHttp } from '../../lib/adapters/fetch-http';
import { TrufflesError } from '../../lib/errors';
import { type EndpointFields, type ModelCredential, readModelCredential } from './model-credential';

const TEST_TIMEOUT_MS = 10_000;
const ANTHROPIC_VERSION = '2026-10-21';

/** Tests each endpoint of the credential with the cheapest call there is: the list of models. "No model" needs no test. */
export async function testModelCredential(
	this: ICredentialTestFunctions,
	credential: ICredentialsDecrypted,
): Promise<INodeCredentialTestResult> {
	let read: ModelCredential | null;
	try {
		read = readModelCredential((credential.data ?? {}) as IDataObject);
	} catch (error) {
		return {
			status: 'Error',
			message: error instanceof TrufflesError ? error.message : 'The credential is incomplete.',
		};
	}
	if (read === null) return { status: 'OK', message: 'No model: answers come from facts and retrieved text.' };
	for (const [name, endpoint] of [
		['endpoint', read.main],
		['backup endpoint', read.backup],
		['local endpoint', read.local],
	] as const) {
		const problem = endpoint === null ? null : await problemOf(name, endpoint);
		if (problem !== null) return { status: 'Error', message: problem };
	}
	return { status: 'OK', message: 'Every endpoint accepted its API key.' };
}

async function problemOf(name: string, { protocol, baseUrl, apiKey }: EndpointFields): Promise<string | null> {
	const isAnthropic = protocol === 'anthropic';
	const sent = await new FetchHttp().send({
		method: 'GET',
		url: isAnthropic ? `${baseUrl}/v1/models` : `${baseUrl}/models`,
		headers: isAnthropic
			? { 'x-api-key': apiKey, 'anthropic-version': ANTHROPIC_VERSION }
			: { authorization: `Bearer ${apiKey}` },
		timeoutMs: TEST_TIMEOUT_MS,
	});
	if (!sent.ok) return `The ${name} did not answer (${sent.failure.kind}).`;
	const { status } = sent.response;
	if (status === 401 || status === 403) return `The ${name} refused the API key (HTTP ${status}).`;
	if (status !== 200) return `The ${name} answered HTTP ${status}; check the base URL, version included.`;
	return null;
}
