import { classifyIntent, type ClassifyInput } from '../../../lib/classify/classify-intent';
import type { Classification } from '../../../lib/item/turn-item';
import { BEAUTY, SALON, said, turn } from './demo-salon';

const classify = (text: string, changes: Partial<ClassifyInput> = {}): Classification =>
	classifyIntent({
		text,
		history: [],
		attachments: [],
		pack: SALON,
		domain: BEAUTY,
		previousLanguage: null,
		defaultLanguage: 'ru',
		...changes,
	});

describe('several intents in one message', () => {
	test.each([
		['здравствуйте, сколько стоит стрижка и где вы?', ['question_price', 'question_address', 'greeting']],
		['Сәлем! Маникюр қанша тұрады және нешеге дейін ашықсыздар?', ['question_price', 'question_hours', 'greeting']],
		['Вы до скольки работаете?\nЕрлер шашын қию қанша тұрады?', ['question_price', 'question_hours']],
		['Кірпікті ламинаттау қанша тұрады?\nВы до скольки работаете?', ['question_price', 'question_hours']],
		[
			'Кірпікті ламинаттау қанша тұрады?\nЗдравствуйте\nВы до скольки работаете?',
			['question_price', 'question_hours', 'greeting'],
		],
		['спасибо, запишите на пятницу', ['booking', 'thanks']],
		['Здравствуйте', ['greeting']],
		['сколько стоит маникюр', ['question_price']],
	])('"%s" holds %j', (text, expected) => expect([...classify(text).intents].sort()).toEqual([...expected].sort()));

	test('how long something lasts is no price, beside the hours either', () =>
		expect(classify('Вы до скольки работаете?\nГель-лак қанша күн тұрады?').intents).not.toContain('question_price'));

	test('a courtesy never leads a request', () =>
		expect(classify('Добрый день! Подскажите, где вы находитесь?').intents.at(-1)).toBe('greeting'));

	test('one wish for a person is enough for the handover', () =>
		expect(classify('ужасно покрасили! и сколько стоит исправить?').route).toBe('handover'));
});

describe("the client's own words come first", () => {
	test('a stop word calls a person whatever else is said', () =>
		expect(classify('сколько стоит нотариус', { stopWords: ['нотариус*'] })).toMatchObject({
			intent: 'ask_human',
			confidence: 1,
			reason: 'stop word: нотариус*',
		}));

	test('a keyword of the pack wins over the classifier', () => {
		const pack = { ...SALON, extraKeywords: { payment: ['кваркус*'] } };
		expect(classify('кваркус').intent).not.toBe('payment');
		expect(classify('кваркус', { pack }).intent).toBe('payment');
	});

	test('examples of the pack teach the classifier', () => {
		const text = 'а линейка у вас длинная?';
		const pack = {
			...SALON,
			examples: { question_hours: ['какая сегодня линейка', 'линейка длинная?', 'до скольки линейка у вас'] },
		};
		expect(classify(text).intent).not.toBe('question_hours');
		expect(classify(text, { pack }).intent).toBe('question_hours');
	});
});

describe('what only the conversation tells', () => {
	test('a lone service after a price question asks a price', () =>
		expect(turn('а педикюр?', { history: [said('user', 'сколько стоит маникюр')] }).classification?.intent).toBe(
			'question_price',
		));

	test('"да" to our offer of a manager accepts it', () =>
		expect(turn('да', { history: [said('bot', 'Передать вопрос менеджеру?')] }).classification).toMatchObject({
			intent: 'ask_human',
			route: 'handover',
		}));
});

describe('without packs', () => {
	test.each([
		['сколько стоит доставка', 'question_price'],
		['где вы находитесь', 'question_address'],
		['қашан ашыласыздар', 'question_hours'],
		['верните деньги, товар бракованный', 'complaint'],
	])('"%s" is %s', (text, expected) => expect(classify(text, { pack: null, domain: null }).intent).toBe(expected));
});
