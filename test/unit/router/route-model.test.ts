import {
	chooseModel,
	chooseQuickModel,
	mergeModelSettings,
	type ModelSettings,
	parseModelRef,
} from '../../../lib/router/route-model';
import { itemWith } from './turn-fixture';

const SETTINGS: ModelSettings = { provider: 'openaiCompatible', cheapModel: 'gpt-4.1-mini', strongModel: 'gpt-4.1' };
const main = (model: string) => ({ endpoint: 'main', model });

describe('which model', () => {
	test.each([
		{
			name: 'a template is free',
			item: { route: 'template' },
			settings: {},
			expected: { kind: 'none', reason: 'route_is_free' },
		},
		{
			name: 'facts are free',
			item: { route: 'facts' },
			settings: {},
			expected: { kind: 'none', reason: 'route_is_free' },
		},
		{
			name: 'a simple question goes to the cheap model, the strong one is its fallback',
			item: {},
			settings: {},
			expected: { kind: 'call', chain: [main('gpt-4.1-mini'), main('gpt-4.1')], hidePersonalData: true },
		},
		{
			name: 'a complex one to the strong model',
			item: { route: 'complex' },
			settings: {},
			expected: { kind: 'call', chain: [main('gpt-4.1'), main('gpt-4.1-mini')] },
		},
		{
			name: 'one model serves both',
			item: { route: 'complex' },
			settings: { strongModel: null },
			expected: { kind: 'call', chain: [main('gpt-4.1-mini')] },
		},
		{
			name: 'the same model twice is no fallback',
			item: {},
			settings: { strongModel: 'gpt-4.1-mini' },
			expected: { kind: 'call', chain: [main('gpt-4.1-mini')] },
		},
		{
			name: 'the backup endpoint comes last',
			item: {},
			settings: { backupModel: 'gemini-2.5-flash' },
			expected: {
				chain: [main('gpt-4.1-mini'), main('gpt-4.1'), { endpoint: 'backup', model: 'gemini-2.5-flash' }],
			},
		},
		{
			name: 'a chain of the client’s own has any length and any endpoint',
			item: {},
			settings: { fallback: ['a', 'local:qwen3:8b', 'b', 'backup:c'], localModel: 'qwen3:8b', backupModel: 'x' },
			expected: {
				chain: [
					main('gpt-4.1-mini'),
					main('a'),
					{ endpoint: 'local', model: 'qwen3:8b' },
					main('b'),
					{ endpoint: 'backup', model: 'c' },
				],
			},
		},
		{
			name: 'an endpoint that the credential does not have is left out',
			item: {},
			settings: { fallback: ['local:qwen3:8b', 'backup:c'] },
			expected: { chain: [main('gpt-4.1-mini')] },
		},
		{
			name: 'an empty list of fallbacks means none',
			item: {},
			settings: { fallback: [] },
			expected: { chain: [main('gpt-4.1-mini')] },
		},
		{
			name: 'empty names are no models',
			item: {},
			settings: { cheapModel: ' ', strongModel: '' },
			expected: { kind: 'none', reason: 'no_model_configured' },
		},
		{
			name: 'the provider can be none',
			item: {},
			settings: { provider: 'none' },
			expected: { kind: 'none', reason: 'no_model_configured' },
		},
	] as const)('$name', ({ item, settings, expected }) => {
		expect(chooseModel(itemWith(item), { ...SETTINGS, ...settings } as ModelSettings, false)).toMatchObject(expected);
	});

	test.each([
		{
			name: 'personal data that cannot be hidden goes to a person',
			settings: {},
			mayHide: false,
			expected: { kind: 'handover', reason: 'sensitive' },
		},
		{
			name: 'also without a model',
			settings: { provider: 'none' },
			mayHide: false,
			expected: { kind: 'handover', reason: 'sensitive' },
		},
		{
			name: 'personal data that can be hidden is hidden',
			settings: {},
			mayHide: true,
			expected: { kind: 'call', hidePersonalData: true },
		},
		{
			name: 'a main model on a machine of the business may see it',
			settings: { modelIsLocal: true },
			mayHide: false,
			expected: { kind: 'call', chain: [main('gpt-4.1-mini'), main('gpt-4.1')], hidePersonalData: false },
		},
		{
			name: 'with a local endpoint only that one sees it, not even as a fallback another',
			settings: { localModel: 'qwen3:8b', backupModel: 'gemini-2.5-flash' },
			mayHide: true,
			expected: { kind: 'call', chain: [{ endpoint: 'local', model: 'qwen3:8b' }], hidePersonalData: false },
		},
	] as const)('$name', ({ settings, mayHide, expected }) => {
		const choice = chooseModel(itemWith({ sensitive: true }), { ...SETTINGS, ...settings } as ModelSettings, mayHide);
		expect(choice).toMatchObject(expected);
	});

	test('one foreign model in a chain is enough to hide personal data from all of it', () => {
		const settings: ModelSettings = { ...SETTINGS, modelIsLocal: true, fallback: ['backup:x'], backupModel: 'x' };
		expect(chooseModel(itemWith({}), settings, false)).toMatchObject({ hidePersonalData: true });
	});

	test('a quick question is asked once: the cheap model, for a sensitive turn only the local one', () => {
		expect(chooseQuickModel(false, { ...SETTINGS, backupModel: 'x' })).toEqual([main('gpt-4.1-mini')]);
		expect(chooseQuickModel(true, SETTINGS)).toEqual([]);
		expect(chooseQuickModel(true, { ...SETTINGS, localModel: 'q' })).toEqual([{ endpoint: 'local', model: 'q' }]);
	});
});

describe("the client's own names", () => {
	const CLIENT = {
		cheap: 'own-cheap',
		languages: { kk: { cheap: 'kk-cheap' } },
		providers: { anthropic: { cheap: 'claude-cheap', strong: 'claude-strong' } },
	};
	test.each([
		{ name: 'win over the installation’s', language: 'ru', provider: 'openaiCompatible', cheap: 'own-cheap' },
		{ name: 'of a provider count only there', language: 'ru', provider: 'anthropic', cheap: 'claude-cheap' },
		{ name: 'of a language win over all others', language: 'kk', provider: 'anthropic', cheap: 'kk-cheap' },
	] as const)('$name', ({ language, provider, cheap }) => {
		expect(mergeModelSettings({ ...SETTINGS, provider }, CLIENT, language)).toMatchObject({
			cheapModel: cheap,
			strongModel: provider === 'anthropic' ? 'claude-strong' : 'gpt-4.1',
		});
	});

	test('a local model needs the local endpoint', () => {
		expect(mergeModelSettings(SETTINGS, { local: 'q' }, 'ru').localModel).toBeNull();
		expect(mergeModelSettings({ ...SETTINGS, localModel: 'p' }, { local: 'q' }, 'ru').localModel).toBe('q');
	});

	test.each([
		['gpt-4.1', { endpoint: 'main', model: 'gpt-4.1' }],
		['qwen3:8b', { endpoint: 'main', model: 'qwen3:8b' }],
		['local:qwen3:8b', { endpoint: 'local', model: 'qwen3:8b' }],
		['backup: x ', { endpoint: 'backup', model: 'x' }],
		['local:', null],
		[' ', null],
	])('%j', (text, expected) => expect(parseModelRef(text)).toEqual(expected));
});
