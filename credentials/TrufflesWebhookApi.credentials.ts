import type { IAuthenticateGeneric, Icon, ICredentialType, INodeProperties } from 'n8n-workflow';

/**
 * One header that proves to the receiver of a handover webhook that the request is ours.
 *
 * Tested by `methods.credentialTest.trufflesWebhookApiTest` of the Handover Adapter node, because the test address is
 * optional.
 */
export class TrufflesWebhookApi implements ICredentialType {
	name = 'trufflesWebhookApi';

	displayName = 'Truffles Webhook API';

	icon: Icon = { light: 'file:truffles-webhook.svg', dark: 'file:truffles-webhook.dark.svg' };

	documentationUrl = 'https://github.com/truffles-kz/n8n-nodes-truffles#credentials';

	properties: INodeProperties[] = [
		{
			displayName: 'Header Name',
			name: 'headerName',
			type: 'string',
			default: 'X-Webhook-Secret',
			required: true,
		},
		{
			displayName: 'Header Value',
			name: 'headerValue',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
		},
		{
			displayName: 'Test URL',
			name: 'testUrl',
			type: 'string',
			default: '',
			placeholder: 'https://crm.example.kz/truffles',
			description:
				'Where "Test" sends {"type": "truffles.test"} with the header above; it must answer 2xx. Used for nothing else.',
		},
	];

	authenticate: IAuthenticateGeneric = {
		type: 'generic',
		properties: { headers: { '={{$credentials.headerName}}': '={{$credentials.headerValue}}' } },
	};
}
