import type { WantedCredential } from './n8n-credentials';
import type { StackOptions } from './stack-options';
import type { StackSecrets } from './stack-secrets';

/** The credentials that the workflows name. The sandbox may be given by an address that leads to it. */
export function wantedCredentials(
	options: StackOptions,
	secrets: StackSecrets,
	databaseUrl: string,
	sandboxUrl: string,
	redisUrl: string | null,
): WantedCredential[] {
	const { model, localModel } = options;
	const endpoint =
		model.kind === 'endpoint'
			? { provider: model.provider, baseUrl: model.baseUrl, apiKey: model.apiKey }
			: model.kind === 'sandbox'
				? { provider: 'openaiCompatible', baseUrl: `${sandboxUrl}/openai/v1`, apiKey: secrets.sandboxModelKey }
				: null;
	return [
		{
			name: 'Truffles Platform',
			type: 'trufflesPlatformApi',
			data: {
				databaseUrl,
				masterKey: secrets.masterKey,
				redisUrl: redisUrl ?? '',
				qdrantUrl: options.qdrantUrl ?? '',
				qdrantApiKey: options.qdrantApiKey ?? '',
			},
		},
		{
			name: 'Truffles Models',
			type: 'trufflesModelApi',
			data: {
				...(endpoint === null
					? { provider: 'none' }
					: {
							...endpoint,
							cheapModel: options.cheapModel,
							strongModel: options.strongModel,
							embeddingModel: options.embeddingModel ?? '',
						}),
				...(localModel === null ? {} : { localBaseUrl: localModel.baseUrl, localModel: localModel.model }),
			},
		},
	];
}
