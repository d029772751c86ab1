import type { ICredentialsDecrypted, ICredentialTestFunctions, INodeCredentialTestResult } from 'n8n-workflow';

import { FetchHttp } from '../../lib/adapters/fetch-http';

const TEST_TIMEOUT_MS = 10_000;

/**
 * Tests the ChatFlow credential with a message to nobody: without a recipient nothing can be sent, and a wrong token
 * or instance is refused before the recipient is looked at. The answer's text is never shown, it may hold the token.
 */
export async function testChatflowCredential(
	this: ICredentialTestFunctions,
	credential: ICredentialsDecrypted,
): Promise<INodeCredentialTestResult> {
	const data = credential.data ?? {};
	const baseUrl = String(data['baseUrl'] ?? '').replace(/\/+$/, '');
	if (!/^https?:\/\/\S+$/.test(baseUrl))
		return { status: 'Error', message: 'The base URL must start with http:// or https://.' };
	const query = new URLSearchParams({
		token: String(data['token'] ?? ''),
		instance_id: String(data['instanceId'] ?? ''),
		jid: '',
		msg: '',
	});
	const sent = await new FetchHttp().send({
		method: 'GET',
		url: `${baseUrl}/api/v1/send-text?${query.toString()}`,
		timeoutMs: TEST_TIMEOUT_MS,
	});
	if (!sent.ok) return { status: 'Error', message: `ChatFlow did not answer (${sent.failure.kind}).` };
	const { status, bodyText } = sent.response;
	if (status === 401 || status === 403 || /token|instance|unauthor/i.test(bodyText)) {
		return { status: 'Error', message: 'ChatFlow refused the token or the instance.' };
	}
	if (status >= 500 || status === 404)
		return { status: 'Error', message: `The address answered HTTP ${status}; check the base URL.` };
	return { status: 'OK', message: 'ChatFlow answered and did not refuse the token.' };
}
