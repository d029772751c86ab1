import { parseClientSettings } from '../../../lib/tenant/client-settings';

const WHATSAPP = { provider: 'meta', baseUrl: 'https://graph.facebook.com/v23.0', instanceId: '106540352242922' };
const parse = (channels: unknown) => parseClientSettings({ model: { usdKztRate: '500' }, channels });

test.each(['chatflow', 'meta', '360dialog'])('WhatsApp through %s can be set up', (provider) => {
	expect(parse({ whatsapp: { ...WHATSAPP, provider } }).ok).toBe(true);
});

test('a channel can say how it authenticates and from where it is delivered', () => {
	const whatsapp = { ...WHATSAPP, auth: 'standard_webhooks', allowFrom: ['31.13.24.0/21', '2a03:2880::/32', '::1'] };
	const telegram = { auth: 'telegram_token', allowFrom: ['149.154.160.0/20'] };
	const parsed = parse({ whatsapp, telegram });
	expect(parsed.ok && parsed.settings.channels).toEqual({ whatsapp, telegram });
});

const REFUSED: ReadonlyArray<{ name: string; channels: unknown; expected: RegExp }> = [
	{
		name: 'a provider that does not exist',
		channels: { whatsapp: { ...WHATSAPP, provider: 'telex' } },
		expected: /must be one of chatflow, meta, 360dialog/,
	},
	{
		name: 'no authentication at all',
		channels: { whatsapp: { ...WHATSAPP, auth: 'none' } },
		expected: /must be one of secret, meta_signature, standard_webhooks/,
	},
	{ name: "another channel's scheme", channels: { telegram: { auth: 'secret' } }, expected: /telegram_token/ },
	{
		name: 'an empty list, which would let nobody in',
		channels: { whatsapp: { ...WHATSAPP, allowFrom: [] } },
		expected: /allowFrom/,
	},
	...['31.13.24.0/33', '31.13.24/21', '2a03:2880::/129', 'example.com', '1.2.3.4/8/9', '1.2.3.4/', '1.2.3.4/ 8'].map(
		(range) => ({
			name: `the range ${range}`,
			channels: { whatsapp: { ...WHATSAPP, allowFrom: ['127.0.0.1', range] } },
			expected: /channels\/whatsapp\/allowFrom\/1: is no address or CIDR range/,
		}),
	),
];
test.each(REFUSED)('$name is refused', ({ channels, expected }) => {
	const parsed = parse(channels);
	expect(parsed.ok ? '' : parsed.problems.join('\n')).toMatch(expected);
});
