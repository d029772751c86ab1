import type { Icon, ICredentialType, INodeProperties } from 'n8n-workflow';

/**
 * What every Truffles node shares: the database, the master key, and the optional Redis and Qdrant.
 *
 * Tested by `methods.credentialTest.trufflesPlatformApiTest` of the Billing Log node, because a database
 * cannot be tested with an HTTP request.
 */
export class TrufflesPlatformApi implements ICredentialType {
	name = 'trufflesPlatformApi';

	displayName = 'Truffles Platform API';

	icon: Icon = { light: 'file:truffles-platform.svg', dark: 'file:truffles-platform.dark.svg' };

	documentationUrl = 'https://github.com/truffles-kz/n8n-nodes-truffles#credentials';

	properties: INodeProperties[] = [
		{
			displayName: 'Database URL',
			name: 'databaseUrl',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
			placeholder: 'postgres://truffles_app:…@localhost:5432/truffles',
			description:
				'PostgreSQL 15 or newer, with the role truffles_app that "npm run migrate" creates. A role that can bypass row-level security is refused.',
		},
		{
			displayName: 'Master Key',
			name: 'masterKey',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
			description:
				'32 random bytes in base64. Every business has a data key of its own under it; whoever loses it loses the stored secrets and phone numbers. Make one with: openssl rand -base64 32.',
		},
		{
			displayName: 'Redis URL',
			name: 'redisUrl',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			placeholder: 'redis://localhost:6379',
			description: 'Needed when several n8n processes share the work (queue mode). Leave empty for one process.',
		},
		{
			displayName: 'Qdrant URL',
			name: 'qdrantUrl',
			type: 'string',
			default: '',
			placeholder: 'http://localhost:6333',
			description: 'Needed for dense (meaning) search. Leave empty to search by words in PostgreSQL.',
		},
		{
			displayName: 'Qdrant API Key',
			name: 'qdrantApiKey',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			description: 'Leave empty when Qdrant asks for none',
		},
	];
}
