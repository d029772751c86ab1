import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import { OpenAiLlm } from '../../lib/adapters/openai-llm';
import { TrufflesError } from '../../lib/errors';
import type { Llm } from '../../lib/ports/llm';
import { hasCredential } from './platform-access';

/** What a model credential offers; null when none is selected or it says "no model". */
export interface ModelAccess {
	readonly llm: Llm;
	readonly cheapModel: string;
	/** The cheap model when no strong one is named. */
	readonly strongModel: string;
	readonly embeddingModel: string | null;
	/** Personal data may be shown to it. */
	readonly isLocal: boolean;
	/** The same endpoint with another key, for a client that pays for its own calls. */
	readonly withKey: (apiKey: string) => Llm;
}

/** One client per endpoint and key, because the SDK keeps connections open. */
const clients = new Map<string, Llm>();

/** Opens the model credential of the node. Throws TRF_MODEL_CREDENTIAL_INVALID when it is incomplete. */
export async function openModel(context: IExecuteFunctions): Promise<ModelAccess | null> {
	if (!hasCredential(context, 'trufflesModelApi')) return null;
	const credential = await context.getCredentials<IDataObject>('trufflesModelApi');
	if (credential['provider'] === 'none') return null;
	const text = (name: string): string => (typeof credential[name] === 'string' ? credential[name].trim() : '');
	const baseUrl = text('baseUrl').replace(/\/+$/, '');
	const cheapModel = text('cheapModel');
	if (!/^https?:\/\/\S+$/.test(baseUrl))
		throw new TrufflesError('TRF_MODEL_CREDENTIAL_INVALID', {
			problem: 'Base URL must start with http:// or https://',
		});
	if (cheapModel === '') throw new TrufflesError('TRF_MODEL_CREDENTIAL_INVALID', { problem: 'Cheap Model is empty' });
	return {
		llm: clientFor(baseUrl, text('apiKey')),
		cheapModel,
		strongModel: text('strongModel') || cheapModel,
		embeddingModel: text('embeddingModel') || null,
		isLocal: credential['ownMachine'] === true,
		withKey: (apiKey) => clientFor(baseUrl, apiKey),
	};
}

function clientFor(baseUrl: string, apiKey: string): Llm {
	const key = JSON.stringify([baseUrl, apiKey]);
	const known = clients.get(key);
	if (known !== undefined) return known;
	const llm = new OpenAiLlm({ baseUrl, apiKey });
	clients.set(key, llm);
	return llm;
}
