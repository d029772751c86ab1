import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import { AnthropicLlm } from '../../lib/adapters/anthropic-llm';
import { OpenAiLlm } from '../../lib/adapters/openai-llm';
import type { Llm } from '../../lib/ports/llm';
import type { ModelTarget } from '../../lib/router/model-target';
import type { EndpointName, ModelRef } from '../../lib/router/route-model';
import { hasCredential } from './platform-access';
import { type EndpointFields, type ModelCredential, readModelCredential } from './model-credential';

/** What a model credential offers; null when none is selected or it says "no model". */
export interface ModelAccess {
	readonly provider: 'openaiCompatible' | 'anthropic';
	/** The main endpoint. */
	readonly llm: Llm;
	readonly cheapModel: string;
	/** The cheap model when no strong one is named. */
	readonly strongModel: string;
	/** Null when the credential has no local endpoint. */
	readonly localModel: string | null;
	/** Null when the credential has no backup endpoint. */
	readonly backupModel: string | null;
	readonly embeddingModel: string | null;
	/** Personal data may be shown to the main endpoint. */
	readonly isLocal: boolean;
	/** The main endpoint with another key, for a client that pays for its own calls. */
	readonly withKey: (apiKey: string) => Llm;
	/** A model of a chain with the endpoint it is asked at; null when the credential has no such endpoint. */
	readonly target: (ref: ModelRef, ownKey: string | null) => ModelTarget | null;
}

/** Name in the bill of what runs on machines of the business; the price table has it as free. */
const LOCAL_PROVIDER = 'ollama';

/** One client per endpoint and key, because the SDK keeps connections open. */
const clients = new Map<string, Llm>();

/** Opens the model credential of the node. Throws TRF_MODEL_CREDENTIAL_INVALID when it is incomplete. */
export async function openModel(context: IExecuteFunctions): Promise<ModelAccess | null> {
	if (!hasCredential(context, 'trufflesModelApi')) return null;
	const credential = readModelCredential(await context.getCredentials<IDataObject>('trufflesModelApi'));
	return credential === null ? null : accessTo(credential);
}

/** What a credential that was already read offers. */
export function accessTo(credential: ModelCredential): ModelAccess {
	const { main, backup, local } = credential;
	const endpoints: Readonly<Record<EndpointName, EndpointFields | null>> = { main, backup, local };
	return {
		provider: main.protocol,
		llm: clientFor(main, main.apiKey),
		cheapModel: credential.cheapModel,
		strongModel: credential.strongModel,
		localModel: credential.localModel,
		backupModel: credential.backupModel,
		embeddingModel: credential.embeddingModel,
		isLocal: main.isLocal,
		withKey: (apiKey) => clientFor(main, apiKey),
		target: (ref, ownKey) => {
			const endpoint = endpoints[ref.endpoint];
			if (endpoint === null) return null;
			const apiKey = ref.endpoint === 'main' && ownKey !== null ? ownKey : endpoint.apiKey;
			return {
				llm: clientFor(endpoint, apiKey),
				model: ref.model,
				isLocal: endpoint.isLocal,
				timeoutMs: endpoint.timeoutMs,
			};
		},
	};
}

function clientFor(endpoint: EndpointFields, apiKey: string): Llm {
	const { protocol, baseUrl, isLocal } = endpoint;
	const key = JSON.stringify([protocol, baseUrl, apiKey, isLocal]);
	const known = clients.get(key);
	if (known !== undefined) return known;
	const llm =
		protocol === 'anthropic'
			? new AnthropicLlm({ baseUrl, apiKey })
			: new OpenAiLlm({ baseUrl, apiKey, ...(isLocal ? { provider: LOCAL_PROVIDER } : {}) });
	clients.set(key, llm);
	return llm;
}
