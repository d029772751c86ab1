import { parseClientSettings } from '../../../lib/tenant/client-settings';
import { budgetLimits } from '../../../lib/tenant/model-settings';

const RATE = { usdKztRate: '512.50' };

test('everything a client can say about models is accepted as it is', () => {
	const model = {
		...RATE,
		cheap: 'gpt-4.1-mini',
		strong: 'backup:claude-sonnet-5-5',
		local: 'qwen3:8b',
		fallback: ['local:qwen3:8b', 'gpt-4.1'],
		temperature: 0.3,
		languages: { kk: { cheap: 'gpt-4.1' } },
		providers: { anthropic: { cheap: 'claude-haiku-4-5' } },
		dailyBudgetTiyn: 50_000,
		monthlyBudgetTiyn: 1_000_000,
		unknownModel: 'refuse',
		retiredModel: 'refuse',
		cacheAnswers: false,
	};
	const parsed = parseClientSettings({ model });
	expect(parsed.ok && parsed.settings.model).toEqual(model);
});

test.each([
	{
		name: 'a language nobody is answered in',
		model: { languages: { en: { cheap: 'x' } } },
		problem: /unknown key "en"/,
	},
	{ name: 'a provider that is none', model: { providers: { google: {} } }, problem: /unknown key "google"/ },
	{ name: 'a budget below zero', model: { dailyBudgetTiyn: -1 }, problem: /dailyBudgetTiyn: must be >= 0/ },
	{ name: 'a budget in parts of a tiyn', model: { monthlyBudgetTiyn: 0.5 }, problem: /must be integer/ },
	{ name: 'a fallback that is no list', model: { fallback: 'gpt-4.1' }, problem: /fallback: must be array/ },
	{ name: 'an empty name', model: { cheap: '' }, problem: /cheap/ },
	{ name: 'another way to treat unknown models', model: { unknownModel: 'free' }, problem: /ceiling, refuse/ },
	{ name: 'a key for models', model: { apiKey: 'sk' }, problem: /unknown key "apiKey"/ },
])('$name is refused', ({ model, problem }) => {
	const parsed = parseClientSettings({ model: { ...RATE, ...model } });
	expect(parsed.ok ? '' : parsed.problems.join('\n')).toMatch(problem);
});

test('a budget that is not named is no limit, a budget of zero is one', () => {
	expect(budgetLimits({})).toEqual({ dailyTiyn: null, monthlyTiyn: null });
	expect(budgetLimits({ dailyBudgetTiyn: 0 })).toEqual({ dailyTiyn: 0, monthlyTiyn: null });
});
