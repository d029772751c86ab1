import type { Icon, ICredentialTestRequest, ICredentialType, INodeProperties } from 'n8n-workflow';

/** One WhatsApp number at the gateway ChatFlow, for sending by hand; in the main flow each client has its own account. */
export class TrufflesChatflowApi implements ICredentialType {
	name = 'trufflesChatflowApi';

	displayName = 'Truffles ChatFlow API';

	icon: Icon = { light: 'file:truffles-webhook.svg', dark: 'file:truffles-webhook.dark.svg' };

	documentationUrl = 'https://github.com/truffles-kz/n8n-nodes-truffles#credentials';

	properties: INodeProperties[] = [
		{
			displayName: 'Base URL',
			name: 'baseUrl',
			type: 'string',
			default: 'https://app.chatflow.kz',
			required: true,
			description: 'Address of the gateway, without a path',
		},
		{
			displayName: 'Instance ID',
			name: 'instanceId',
			type: 'string',
			default: '',
			required: true,
			description: 'The WhatsApp number\'s instance in the gateway\'s cabinet',
		},
		{
			displayName: 'Token',
			name: 'token',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
			description: 'Travels in the address of every call; Truffles keeps it out of errors and logs',
		},
	];

	/** ChatFlow has no call that only checks a token, so the test asks whether the gateway is there. */
	test: ICredentialTestRequest = { request: { baseURL: '={{$credentials.baseUrl}}', url: '/', method: 'HEAD' } };
}
