import { type Breaking, isStep, onNode, onSticky, literal } from './breaking';

/** A row of a header, assignment or body form of n8n. */
const row = (name: string, value: unknown): Breaking['damage'] => literal('form', { rows: [{ name, value }] });

/** What must not stand in a file: secrets, personal data, addresses, ids, prices. */
export const LITERALS: readonly Breaking[] = [
	{
		rule: 'no-secrets',
		name: 'a model key in a note',
		damage: onNode(isStep, (node) => (node.notes = 'use sk-abcdefghijklmnop1234')),
	},
	{ rule: 'no-secrets', name: 'a bot token', damage: literal('bot', '123456789:AAEabcdefghijklmnopqrstuvwxyz01234') },
	{ rule: 'no-secrets', name: 'a password', damage: literal('password', 'hunter2') },
	{ rule: 'no-secrets', name: 'a header with a key', damage: row('X-Api-Key', 'hunter2') },
	{
		rule: 'no-personal-data',
		name: 'a phone number in a sticky',
		damage: onSticky((node) => (node.parameters.content += '\n+7 701 570 55 55')),
	},
	{ rule: 'no-personal-data', name: 'an e-mail address', damage: literal('to', 'owner@salon.kz') },
	{ rule: 'no-hosts', name: 'an address', damage: literal('url', 'https://api.example.com') },
	{
		rule: 'no-hosts',
		name: 'a host name in a sticky',
		damage: onSticky((node) => (node.parameters.content += ' n8n.truffles.kz')),
	},
	{ rule: 'no-ids', name: 'the UUID of a row', damage: literal('row', '6f1d8a52-2f0c-4a8e-9d25-0c9a3c1f5f7b') },
	{ rule: 'no-ids', name: 'a Telegram group', damage: literal('chat', '-1001234567890') },
	{ rule: 'no-ids', name: 'one client', damage: literal('client_slug', 'salon_mira') },
	{ rule: 'no-ids', name: 'one client in a form', damage: row('client_slug', 'salon_mira') },
	{ rule: 'no-prices', name: 'a price in words', damage: literal('hint', 'маникюр 8 000 тенге') },
	{ rule: 'no-prices', name: 'a price as a number', damage: literal('priceMinor', 800000) },
	{ rule: 'no-prices', name: 'a price in a form', damage: row('priceMinor', 800000) },
];
