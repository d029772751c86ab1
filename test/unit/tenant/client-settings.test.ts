import { parseClientSettings } from '../../../lib/tenant/client-settings';

const MODEL = { usdKztRate: '512.50' };
const TELEGRAM = { chatId: -100123 };

test('what is not said gets its documented default', () => {
	const parsed = parseClientSettings({ model: MODEL });
	expect(parsed).toEqual({
		ok: true,
		settings: {
			channels: {},
			burst: { completeMs: 1_500, fragmentMs: 6_000, maxMs: 12_000 },
			rateLimitPerMinute: 100,
			delivery: { afterCrash: 'prefer-once' },
			stopWords: [],
			model: MODEL,
		},
	});
});

test('a chat id that YAML read as a number is kept as text', () => {
	const parsed = parseClientSettings({ model: MODEL, handover: { adapter: 'telegram', telegram: TELEGRAM } });
	expect(parsed.ok && parsed.settings.handover?.telegram).toEqual({
		chatId: '-100123',
		apiBaseUrl: 'https://api.telegram.org',
	});
});

test('the input is not changed and the result cannot be', () => {
	const input = { model: { ...MODEL } };
	const parsed = parseClientSettings(input);
	expect(input).toEqual({ model: MODEL });
	expect(() => {
		if (parsed.ok) (parsed.settings.burst as { maxMs: number }).maxMs = 1;
	}).toThrow(TypeError);
});

test('all problems are reported together', () => {
	const parsed = parseClientSettings({
		rateLimit: 5,
		rateLimitPerMinute: 0,
		channels: { whatsapp: { provider: 'telex' } },
	});
	expect(parsed.ok ? [] : parsed.problems.length).toBe(6);
});

const refused = [
	{
		name: 'an unknown key names the known ones',
		given: { model: MODEL, bursts: {} },
		expected: /unknown key "bursts"; known: channels, handover, burst/,
	},
	{ name: 'settings without an exchange rate cannot bill in tenge', given: { model: {} }, expected: /usdKztRate/ },
	{
		name: 'a rate as a number is refused: floats are not money',
		given: { model: { usdKztRate: 512.5 } },
		expected: /model\/usdKztRate: must be string/,
	},
	{
		name: 'an adapter needs its own block',
		given: { model: MODEL, handover: { adapter: 'webhook' } },
		expected: /handover\/webhook is missing/,
	},
	{
		name: 'a fallback adapter needs its own block',
		given: { model: MODEL, handover: { adapter: 'telegram', telegram: TELEGRAM, fallbackAdapter: 'webhook' } },
		expected: /fallbackAdapter/,
	},
	{
		name: 'a policy after a crash that does not exist is refused',
		given: { model: MODEL, delivery: { afterCrash: 'prefer-luck' } },
		expected: /delivery\/afterCrash/,
	},
	{
		name: 'a burst limit below the waits is refused',
		given: { model: MODEL, burst: { maxMs: 1_000 } },
		expected: /burst: must grow/,
	},
	{
		name: 'a file address is not a web address',
		given: { model: MODEL, handover: { adapter: 'webhook', webhook: { url: 'file:///etc/passwd' } } },
		expected: /url/,
	},
	{ name: 'null is not settings', given: null, expected: /must be object/ },
	{
		name: 'a secret among the settings is an unknown key',
		given: {
			model: MODEL,
			channels: { whatsapp: { provider: 'chatflow', baseUrl: 'https://x.example', instanceId: '1', token: 's' } },
		},
		expected: /unknown key "token"/,
	},
] as const;
for (const { name, given, expected } of refused) {
	test(name, () => {
		const parsed = parseClientSettings(given);
		expect(parsed.ok ? '' : parsed.problems.join('\n')).toMatch(expected);
	});
}
