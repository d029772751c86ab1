import { answerFromPrompt, askedText, matchRule } from '../../../sandbox/openai-answer';
import { UsageMeter } from '../../../sandbox/openai-usage';

const PROMPT = [
	{ role: 'system', text: 'Отвечай коротко. Никогда не называй стоимость, которой нет в фактах.' },
	{
		role: 'user',
		text: '<FACTS>\nМаникюр с гель-лаком: 8 000 ₸\nАдрес: Абай даңғылы, 10\n</FACTS>\n\n<CUSTOMER>\nСколько стоит маникюр?\n</CUSTOMER>',
	},
];

test("the question is the customer's section, not the facts before it", () => {
	expect(askedText(PROMPT)).toBe('Сколько стоит маникюр?');
});

test('the answer is a line of the facts, not of the instructions', () => {
	expect(answerFromPrompt(PROMPT)).toBe('Маникюр с гель-лаком: 8 000 ₸');
});

test('the answer stands under the heading that fits, in the language of the question', () => {
	const knowledge =
		'Вопросы › Сколько держится гель-лак? / Гель-лак қанша тұрады?\nОбычно 2–3 недели.\n\nӘдетте 2–3 апта тұрады.\n---\nВопросы › Есть ли парковка?\nМашину можно поставить во дворе.';
	const ask = (question: string) =>
		answerFromPrompt([
			{ role: 'user', text: `<KNOWLEDGE>\n${knowledge}\n</KNOWLEDGE>\n\n<CUSTOMER>\n${question}\n</CUSTOMER>` },
		]);
	expect(ask('Гель-лак сколько держится?')).toBe('Обычно 2–3 недели.');
	expect(ask('Гель-лак қанша тұрады?')).toBe('Әдетте 2–3 апта тұрады.');
});

test('a question that no line fits is answered in its own language and without facts', () => {
	expect(answerFromPrompt([{ role: 'user', text: 'Балаларға арналған бөлме бар ма?' }])).toMatch(/қызықтырады/);
});

test('a broken pattern in a rule never matches, and does not break the answer', () => {
	expect(
		matchRule(
			[
				{ when: '/(/', reply: 'x' },
				{ when: '/МАНИК/i', reply: 'да' },
			],
			'маникюр',
		),
	).toBe('да');
});

test('the second call with the same long beginning is partly cached, in steps of 128 tokens', () => {
	const meter = new UsageMeter();
	const ask = (text: string) =>
		meter.read(
			{
				model: 'gpt-4.1',
				messages: [
					{ role: 'system', text: 'факт '.repeat(1_500) },
					{ role: 'user', text },
				],
				choices: 1,
				stream: false,
				includeUsage: false,
				json: null,
				maxTokens: null,
			},
			'да',
		);
	expect(ask('один').prompt_tokens_details.cached_tokens).toBe(0);
	const cached = ask('другой').prompt_tokens_details.cached_tokens;
	expect(cached).toBeGreaterThan(1_024);
	expect(cached % 128).toBe(0);
});
