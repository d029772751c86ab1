import type { IAuthenticateGeneric, Icon, ICredentialType, INodeProperties } from 'n8n-workflow';

/**
 * An OpenAI-compatible model endpoint, or "no model" for an assistant that answers from facts alone.
 *
 * Tested by `methods.credentialTest.trufflesModelApiTest` of the Model Router node: with "no model" there is
 * no address to call, which a plain HTTP test would report as a failure.
 */
export class TrufflesModelApi implements ICredentialType {
	name = 'trufflesModelApi';

	displayName = 'Truffles Model API';

	icon: Icon = { light: 'file:truffles-model.svg', dark: 'file:truffles-model.dark.svg' };

	documentationUrl = 'https://github.com/truffles-kz/n8n-nodes-truffles#credentials';

	properties: INodeProperties[] = [
		{
			displayName: 'Provider',
			name: 'provider',
			type: 'options',
			options: [
				{
					name: 'No Model',
					value: 'none',
					description: 'Answer from facts, templates and retrieved text only; nothing is paid',
				},
				{
					name: 'OpenAI or Compatible',
					value: 'openaiCompatible',
					description: 'OpenAI, or any endpoint that speaks its chat completions API',
				},
			],
			default: 'openaiCompatible',
		},
		{
			displayName: 'Base URL',
			name: 'baseUrl',
			type: 'string',
			default: 'https://api.openai.com/v1',
			required: true,
			displayOptions: { show: { provider: ['openaiCompatible'] } },
			description: 'Address up to and including the version, without a slash at the end',
		},
		{
			displayName: 'API Key',
			name: 'apiKey',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
			displayOptions: { show: { provider: ['openaiCompatible'] } },
		},
		{
			displayName: 'Cheap Model',
			name: 'cheapModel',
			type: 'string',
			default: 'gpt-4.1-mini',
			required: true,
			displayOptions: { show: { provider: ['openaiCompatible'] } },
			description: 'Writes ordinary answers from retrieved text',
		},
		{
			displayName: 'Strong Model',
			name: 'strongModel',
			type: 'string',
			default: 'gpt-4.1',
			displayOptions: { show: { provider: ['openaiCompatible'] } },
			description: 'Writes answers to objections and complex questions. Leave empty to use the cheap one.',
		},
		{
			displayName: 'Embedding Model',
			name: 'embeddingModel',
			type: 'string',
			default: '',
			placeholder: 'text-embedding-3-small',
			displayOptions: { show: { provider: ['openaiCompatible'] } },
			description: 'Used with Qdrant only. Leave empty to search by words.',
		},
		{
			displayName: 'Own Machine',
			name: 'ownMachine',
			type: 'boolean',
			default: false,
			displayOptions: { show: { provider: ['openaiCompatible'] } },
			description:
				'Whether the model runs on machines of the business itself, so that messages with personal data may be shown to it',
		},
	];

	authenticate: IAuthenticateGeneric = {
		type: 'generic',
		properties: { headers: { Authorization: '=Bearer {{$credentials.apiKey}}' } },
	};
}
