import type {
	IAuthenticate,
	Icon,
	ICredentialDataDecryptedObject,
	ICredentialType,
	IHttpRequestOptions,
	INodeProperties,
} from 'n8n-workflow';

const ANTHROPIC_VERSION = '2026-10-21';

const withModel = { show: { provider: ['openaiCompatible', 'anthropic'] } };
const withBackup = { show: { backupProvider: ['openaiCompatible', 'anthropic'] } };
const PROTOCOLS = [
	{ name: 'Anthropic', value: 'anthropic', description: 'Claude models, through the Messages API' },
	{
		name: 'OpenAI or Compatible',
		value: 'openaiCompatible',
		description: 'OpenAI, Gemini, OpenRouter, Ollama, or any endpoint that speaks the chat completions API',
	},
];

/**
 * The models of an installation: a main endpoint, or "no model" for an assistant that answers from facts alone; and, if
 * wanted, a second endpoint for when the first is down, and one on machines of the business for personal data.
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
				...PROTOCOLS.slice(0, 1),
				{
					name: 'No Model',
					value: 'none',
					description: 'Answer from facts, templates and retrieved text only; nothing is paid',
				},
				...PROTOCOLS.slice(1),
			],
			default: 'openaiCompatible',
		},
		{
			displayName: 'Base URL',
			name: 'baseUrl',
			type: 'string',
			default: 'https://api.openai.com/v1',
			required: true,
			displayOptions: withModel,
			description:
				'Address up to and including the version, without a slash at the end. For Anthropic leave it as it is or give the address of a gateway.',
		},
		{
			displayName: 'API Key',
			name: 'apiKey',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
			displayOptions: withModel,
		},
		{
			displayName: 'Cheap Model',
			name: 'cheapModel',
			type: 'string',
			default: 'gpt-4.1-mini',
			required: true,
			displayOptions: withModel,
			description: 'Writes ordinary answers from retrieved text, and recognises what the local classifier is unsure of',
		},
		{
			displayName: 'Strong Model',
			name: 'strongModel',
			type: 'string',
			default: 'gpt-4.1',
			displayOptions: withModel,
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
			displayName: 'Timeout (Seconds)',
			name: 'timeoutSeconds',
			type: 'number',
			typeOptions: { minValue: 1, maxValue: 60 },
			default: 8,
			displayOptions: withModel,
			description: 'Longest wait for one answer; then the next model is asked',
		},
		{
			displayName: 'Own Machine',
			name: 'ownMachine',
			type: 'boolean',
			default: false,
			displayOptions: withModel,
			description:
				'Whether the model runs on machines of the business itself, so that messages with personal data may be shown to it',
		},
		{
			displayName: 'Backup Provider',
			name: 'backupProvider',
			type: 'options',
			options: [
				...PROTOCOLS.slice(0, 1),
				{ name: 'None', value: 'none', description: 'Only the models above are asked' },
				...PROTOCOLS.slice(1),
			],
			default: 'none',
			displayOptions: withModel,
			description: 'A second endpoint, asked after the models above have failed',
		},
		{
			displayName: 'Backup Base URL',
			name: 'backupBaseUrl',
			type: 'string',
			default: '',
			placeholder: 'https://generativelanguage.googleapis.com/v1beta/openai',
			displayOptions: withBackup,
			description: 'Leave empty for Anthropic itself',
		},
		{
			displayName: 'Backup API Key',
			name: 'backupApiKey',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			displayOptions: withBackup,
		},
		{
			displayName: 'Backup Model',
			name: 'backupModel',
			type: 'string',
			default: '',
			placeholder: 'gemini-2.5-flash',
			displayOptions: withBackup,
		},
		{
			displayName: 'Local Base URL',
			name: 'localBaseUrl',
			type: 'string',
			default: '',
			placeholder: 'http://127.0.0.1:11434/v1',
			displayOptions: withModel,
			description:
				'An OpenAI-compatible endpoint on machines of the business, such as Ollama. Messages with personal data go there. Leave empty when there is none: they are sent with placeholders, or handed over.',
		},
		{
			displayName: 'Local API Key',
			name: 'localApiKey',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			displayOptions: withModel,
			description: 'Ollama needs none',
		},
		{
			displayName: 'Local Model',
			name: 'localModel',
			type: 'string',
			default: '',
			placeholder: 'qwen3:8b',
			displayOptions: withModel,
		},
		{
			displayName: 'Local Timeout (Seconds)',
			name: 'localTimeoutSeconds',
			type: 'number',
			typeOptions: { minValue: 1, maxValue: 60 },
			default: 10,
			displayOptions: withModel,
		},
	];

	/** For the HTTP Request node; our own nodes use the providers' clients. */
	authenticate: IAuthenticate = async (
		credentials: ICredentialDataDecryptedObject,
		requestOptions: IHttpRequestOptions,
	): Promise<IHttpRequestOptions> => {
		const apiKey = typeof credentials['apiKey'] === 'string' ? credentials['apiKey'] : '';
		const own =
			credentials['provider'] === 'anthropic'
				? { 'x-api-key': apiKey, 'anthropic-version': ANTHROPIC_VERSION }
				: { Authorization: `Bearer ${apiKey}` };
		return await Promise.resolve({ ...requestOptions, headers: { ...requestOptions.headers, ...own } });
	};
}
