import type { Icon, ICredentialTestRequest, ICredentialType, INodeProperties } from 'n8n-workflow';

/** The bot that writes to the managers' group. The token travels in the address, so addresses are never logged. */
export class TrufflesTelegramApi implements ICredentialType {
	name = 'trufflesTelegramApi';

	displayName = 'Truffles Telegram API';

	icon: Icon = { light: 'file:truffles-telegram.svg', dark: 'file:truffles-telegram.dark.svg' };

	documentationUrl = 'https://core.telegram.org/bots/features#botfather';

	properties: INodeProperties[] = [
		{
			displayName: 'Bot Token',
			name: 'botToken',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
			description: 'From @BotFather; the bot must be a member of the managers’ group',
		},
		{
			displayName: 'API Base URL',
			name: 'apiBaseUrl',
			type: 'string',
			default: 'https://api.telegram.org',
			required: true,
			description: 'Change it only for a Bot API server of your own',
		},
	];

	test: ICredentialTestRequest = {
		request: {
			baseURL: '={{$credentials.apiBaseUrl.replace(new RegExp("/+$"), "")}}',
			url: '=/bot{{$credentials.botToken}}/getMe',
			timeout: 10_000,
		},
		rules: [
			{
				type: 'responseSuccessBody',
				properties: { key: 'ok', value: false, message: 'Telegram does not know this bot token' },
			},
		],
	};
}
