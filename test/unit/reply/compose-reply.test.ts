import type { Attachment, Reply, TurnItem } from '../../../lib/item/turn-item';
import { checkReply } from '../../../lib/guard/check-reply';
import { composeReply, type ComposeDecision } from '../../../lib/reply/compose-reply';
import { clarifyText, unreadableMediaText } from '../../../lib/reply/fixed-texts';
import { formatTiyn } from '../../../lib/reply/money-text';
import { ALL_MESSAGES } from '../classify/customer-messages';
import { BEAUTY, SALON, said, SATURDAY_NOON, turn, type TurnOptions } from '../classify/demo-salon';

const plain = (value: string): string => value.replace(/\u00A0/gu, ' ');
const decide = (item: TurnItem, now = SATURDAY_NOON): ComposeDecision =>
	composeReply(item, { pack: SALON, domain: BEAUTY, now });
const answer = (text: string, options: TurnOptions = {}, now = SATURDAY_NOON): string => {
	const decision = decide(turn(text, options), now);
	if (decision.kind !== 'reply') throw new Error(`${decision.kind} instead of a reply`);
	return plain(decision.reply.text);
};

interface Row {
	readonly text: string;
	readonly has: readonly string[];
	readonly hasNot?: readonly string[];
	readonly options?: TurnOptions;
}

const FACTS: readonly Row[] = [
	{ text: 'Сколько стоит маникюр с гель-лаком?', has: ['8 000 ₸', '1 ч 30 мин'], hasNot: ['5 000', 'Здравствуйте'] },
	{ text: 'Сколько стоит маникюр с гель-лаком?', options: { isFirstTurn: true }, has: ['Здравствуйте!', '8 000 ₸'] },
	{ text: 'Вы до скольки работаете?', has: ['с 10:00 до 21:00', 'Вс 10:00–19:00'] },
	{
		text: 'Қайда орналасқансыз?',
		options: { isFirstTurn: true },
		has: ['Сәлеметсіз бе!', 'Наурызбай батыр көшесі, 999/1'],
		hasNot: ['Здравствуйте'],
	},
	{
		text: 'сәлем, маникюр канша турады',
		has: ['Сәлеметсіз бе!', 'Гель-лак маникюр — 8 000 ₸', 'Жабынсыз маникюр — 5 000 ₸'],
		hasNot: ['педикюр'],
	},
	{
		text: 'Здравствуйте! Сколько стоит стрижка и где вы находитесь?',
		has: ['Здравствуйте!', 'Женская стрижка — 7 000 ₸', 'Мужская стрижка — 5 000 ₸', 'ул. Наурызбаева, 999/1'],
	},
	{
		text: 'сколько стоит стрижка и окрашивание',
		has: ['Женская стрижка — 7 000 ₸', 'Окрашивание корней — 12 000 ₸', 'от 45 000 ₸', '18 000–28 000 ₸'],
	},
	{ text: 'цена маникюра и педикюра с гель лаком', has: ['8 000 ₸', '11 000 ₸'], hasNot: ['5 000'] },
	{ text: 'сколько стоит массаж спины?', has: ['«Массаж»', 'нет', 'менеджеру?'], hasNot: ['₸'] },
	{ text: 'сіздерде массаж бар ма', has: ['«Массаж»', 'жоқ', 'менеджерге'], hasNot: ['₸'] },
	{ text: 'Сколько стоит стрижка и массаж?', has: ['«Массаж»', 'Женская стрижка — 7 000 ₸'] },
	{ text: 'сколько стоит полет на луну', has: ['не вижу', 'менеджеру?'], hasNot: ['₸'] },
	{ text: 'прайс', has: ['Маникюр — от 5 000 ₸', 'Ресницы — от 9 000 ₸'] },
	{ text: 'сколько стоит наращивание', has: ['Наращивание ногтей — 14 000 ₸', 'Наращивание ресниц 2D — 12 000 ₸'] },
	{ text: 'сколько времени занимает маникюр с гель-лаком', has: ['1 ч 30 мин'] },
	{ text: 'вы делаете ламинирование ресниц?', has: ['Да', '9 000 ₸'] },
	{ text: 'работаете в воскресенье?', has: ['10:00', '19:00'] },
	{ text: 'вы завтра работаете', has: ['Завтра', '19:00'] },
	{ text: 'в понедельник до скольки?', has: ['В понедельник', '21:00'] },
	{ text: '22 марта работаете?', has: ['22.03', 'Наурыз', 'с 12:00 до 18:00'] },
	{ text: 'новый год работаете?', has: ['01.01', 'не работаем'] },
	{ text: '1 января вы открыты?', has: ['01.01', 'Новый год', 'не работаем'] },
	{ text: 'ертең жұмыс істейсіздер ме', has: ['Ертең', '10:00–19:00'] },
	{ text: 'вы сейчас открыты?', has: ['Сейчас открыто', '21:00'] },
	{ text: 'Каспи есть?', has: ['Kaspi QR'] },
	{ text: 'каспимен төлеуге бола ма', has: ['Kaspi QR', 'болады'] },
	{ text: 'Здравствуйте', has: ['Здравствуйте!', '«Айнур»'] },
	{ text: 'сәлем', has: ['Сәлеметсіз бе!', '«Айнұр»'] },
	{ text: 'какая погода завтра', has: ['не помогу'] },
	{ text: 'спасибо, до свидания!', has: ['До свидания'] },
	{
		text: 'а сколько это стоит?',
		options: { history: [said('user', 'наращивание ресниц 2d делаете?'), said('bot', 'Да.')] },
		has: ['12 000 ₸'],
	},
	{
		text: 'а педикюр?',
		options: { history: [said('user', 'сколько стоит маникюр'), said('bot', 'Маникюр')] },
		has: ['8 000 ₸', '11 000 ₸'],
	},
];

describe('replies from facts', () => {
	test.each(FACTS.map((row) => [row.text, row] as const))('"%s"', (text, { has, hasNot = [], options }) => {
		const said = answer(text, options);
		for (const part of has) expect(said).toContain(part);
		for (const part of hasNot) expect(said).not.toContain(part);
	});

	test('after closing time "сейчас" is answered with closed and the week', () => {
		const said = answer('вы сейчас открыты?', {}, new Date('2026-11-21T17:30:00Z'));
		expect(said).toContain('Сейчас закрыто');
		expect(said).toContain('Пн–Сб 10:00–21:00');
	});

	test('"сегодня" is the day in the salon\'s zone, not in UTC', () => {
		expect(answer('до скольки сегодня?', {}, new Date('2026-11-21T20:30:00Z'))).toContain('19:00');
	});

	test('every amount in every reply to the message table is a price of the pack', () => {
		const prices = new Set(
			SALON.services
				.flatMap((service) => [service.priceFromTiyn, service.priceToTiyn ?? service.priceFromTiyn])
				.map((tiyn) => plain(formatTiyn(tiyn)).replace(' ₸', '')),
		);
		for (const [text] of ALL_MESSAGES) {
			const decision = decide(turn(text));
			const reply: Reply | null = decision.kind === 'reply' ? decision.reply : decision.answer;
			for (const [amount] of plain(reply?.text ?? '').matchAll(/\d{1,3}(?: \d{3})+(?= ₸|–)/gu))
				expect(prices).toContain(amount);
		}
	});

	test('no reply claims that something was done', () => {
		for (const [text] of ALL_MESSAGES) {
			const decision = decide(turn(text));
			if (decision.kind === 'reply')
				expect(decision.reply.text).not.toMatch(
					/передан[аоы]?\s|передали|записал|забронировал|жіберілді|жеткізілді|брондалды/iu,
				);
		}
	});

	test('a reply that lists nothing is at most three sentences and a greeting', () => {
		for (const [text] of ALL_MESSAGES) {
			const decision = decide(turn(text));
			if (decision.kind !== 'reply' || decision.reply.text.includes('\n')) continue;
			const sentences = decision.reply.text.replace(/(?:г|ул|қ)\.\s/gu, '').split(/(?<=[.!?])\s+(?=\p{Lu})/u).length;
			expect({ text, sentences: Math.min(sentences, 4) }).toEqual({ text, sentences });
		}
	});
});

describe('the guard', () => {
	test('passes every reply to the message table', () => {
		for (const [text] of ALL_MESSAGES) {
			const decision = decide(turn(text, { isFirstTurn: true }));
			if (decision.kind !== 'reply') continue;
			const { text: draft, language, facts } = decision.reply;
			const verdict = checkReply({
				draft,
				language,
				facts,
				retrieved: [],
				customerText: text,
				claims: {},
				rewrites: 0,
				names: [SALON.name.ru],
			});
			expect({ text, violations: verdict.violations }).toEqual({ text, violations: [] });
		}
	});
});

describe('decisions', () => {
	test.each([
		['Позовите человека', 'asked_for_human'],
		['Мне испортили волосы, верните деньги', 'complaint'],
		['хочу записаться на завтра', 'booking'],
		['отмените запись', 'reschedule_cancel'],
		['я оплатила через каспи, проверьте', 'payment'],
		['ИИН 950101300036, можно ли мне?', 'sensitive'],
	] as const)('"%s" is handed over because of %s', (text, reason) => {
		expect(decide(turn(text))).toMatchObject({ kind: 'handover', reason });
	});

	test('a doubt about the price looks for the words of the business, with the cheapest variant at hand', () => {
		const earlier = [said('user', 'сколько стоит airtouch'), said('bot', 'от 45 000 ₸')];
		const decision = decide(turn('дорого', { history: earlier }));
		expect(decision).toMatchObject({ kind: 'needs_knowledge' });
		expect(decision.kind === 'needs_knowledge' ? plain(decision.answer?.text ?? '') : '').toContain('10 000–16 000 ₸');
	});

	test('a price asked together with a booking is answered in the handover', () => {
		const decision = decide(turn('Сколько стоит маникюр с гель-лаком? Запишите меня на завтра'));
		expect(decision).toMatchObject({ kind: 'handover', reason: 'booking' });
		expect(decision.kind === 'handover' && plain(decision.answer?.text ?? '')).toContain('8 000 ₸');
	});

	test('instalments are searched in the knowledge, because the pack says nothing about them', () => {
		expect(decide(turn('Можно в рассрочку оплатить?')).kind).toBe('needs_knowledge');
	});

	test('a second unclear message in a row calls a person', () => {
		const history = [said('user', 'ыыы'), said('bot', clarifyText('ru'))];
		expect(decide(turn('ааа'))).toMatchObject({ kind: 'reply' });
		expect(decide(turn('ааа', { history }))).toMatchObject({ kind: 'handover', reason: 'no_answer' });
	});

	test('a voice message without a transcription is answered in the language of the conversation', () => {
		const audio: Attachment = {
			kind: 'audio',
			mimeType: 'audio/ogg',
			fileName: null,
			sizeBytes: 10,
			url: null,
			caption: null,
		};
		expect(answer('', { attachments: [audio], previousLanguage: 'kk' })).toBe(unreadableMediaText('kk', 'audio'));
	});

	test('without a pack a price question goes to the knowledge instead of being guessed', () => {
		expect(composeReply(turn('сколько стоит маникюр'), { pack: null, now: SATURDAY_NOON })).toMatchObject({
			kind: 'needs_knowledge',
			answer: null,
		});
	});

	test('"да" after our offer to ask the manager is accepted as a request for a person', () => {
		const history = [said('user', 'сколько стоит массаж'), said('bot', answer('сколько стоит массаж'))];
		expect(decide(turn('да', { history }))).toMatchObject({ kind: 'handover', reason: 'asked_for_human' });
	});

	test('an unclassified turn is handed over as an error', () => {
		expect(decide({ ...turn('сколько стоит маникюр'), classification: null })).toEqual({
			kind: 'handover',
			reason: 'error',
			answer: null,
		});
	});
});
