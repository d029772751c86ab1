import type { Icon, ICredentialType, INodeProperties } from 'n8n-workflow';

/**
 * A ChatFlow instance: the WhatsApp number that messages are sent from.
 *
 * Tested by `methods.credentialTest.trufflesChatflowApiTest` of the Channel Send node: ChatFlow has no address that only
 * checks a token, and the token travels in the query, so the answer must not be shown as it came.
 */
export class TrufflesChatflowApi implements ICredentialType {
	name = 'trufflesChatflowApi';

	displayName = 'Truffles ChatFlow API';

	icon: Icon = { light: 'file:truffles-chatflow.svg', dark: 'file:truffles-chatflow.dark.svg' };

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
			description: 'The WhatsApp number’s instance in the gateway’s cabinet',
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
}
