import { findFollowUpServices } from '../../../lib/pack/follow-up-services';
import { BEAUTY, SALON, said } from '../classify/demo-salon';

const keys = (earlier: readonly string[], text: string): readonly string[] =>
	findFollowUpServices(
		text,
		earlier.map((words) => said('user', words)),
		SALON,
		BEAUTY,
	).flatMap((mention) => (mention.kind === 'service' ? [mention.service.key] : []));

describe('a short message continues what was asked before', () => {
	const CASES: ReadonlyArray<{ name: string; earlier: readonly string[]; text: string; keys: readonly string[] }> = [
		{
			name: 'a variant of the category',
			earlier: ['маникюр с покрытием сколько?'],
			text: 'а без покрытия?',
			keys: ['manicure_classic'],
		},
		{
			name: 'a part of the category',
			earlier: ['Сколько стоит окрашивание?'],
			text: 'а корни?',
			keys: ['color_roots'],
		},
		{ name: 'in Kazakh', earlier: ['Шаш қию қанша тұрады?'], text: 'ерлерге ше?', keys: ['haircut_men'] },
		{
			name: 'an addition to one service',
			earlier: ['Қас пішіндеу қанша?'],
			text: 'бояумен қоса ше?',
			keys: ['brow_shape_tint'],
		},
		{ name: 'nothing was named before', earlier: ['Здравствуйте'], text: 'а без покрытия?', keys: [] },
		{ name: 'words that belong to no service', earlier: ['Сколько стоит маникюр?'], text: 'а долго?', keys: [] },
		{ name: 'a service of its own', earlier: ['Сколько стоит маникюр?'], text: 'а педикюр без покрытия?', keys: [] },
	];
	test.each(CASES)('$name', ({ earlier, text, keys: expected }) => {
		expect(keys(earlier, text)).toEqual(expected);
	});
});
