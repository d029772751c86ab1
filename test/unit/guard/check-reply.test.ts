import { checkReply, type TurnClaims } from '../../../lib/guard/check-reply';
import { startCpuClock } from '../../support/cpu-clock';

const FACTS = [
	'Маникюр с гель-лаком — 8 000 ₸, 90 минут.',
	'Стрижка женская — от 6 000 до 12 000 ₸, 60 минут.',
	'Работаем ежедневно с 10:00 до 21:00.',
	'Адрес: г. Алматы, ул. Абая, 150, 2 этаж. Телефон: +7 (727) 355-01-01.',
	'Инстаграм: @salon_mira, запись на https://mira.example.kz/book',
	'Именинникам скидка 10% на стрижку в течение 7 дней.',
	'Бесплатная парковка во дворе.',
	'Отмена записи не позднее чем за 3 часа до визита.',
	'Оплата через Kaspi или наличными.',
];

interface Case {
	readonly draft: string;
	readonly violation?: string;
	readonly customer?: string;
	readonly claims?: TurnClaims;
	readonly why?: string;
}

const check = ({ draft, customer = '', claims = {} }: Case, rewrites = 0) =>
	checkReply({ draft, language: null, facts: FACTS, retrieved: [], customerText: customer, claims, rewrites });

const REFUSED: readonly Case[] = [
	// amounts
	{ draft: 'Маникюр стоит 7 000 ₸.', violation: 'amount_not_in_facts' },
	{ draft: 'Маникюр стоит 7000.', violation: 'amount_not_in_facts', why: 'a bare number is a price too' },
	{ draft: 'Маникюр стоит 7.000 тг.', violation: 'amount_not_in_facts' },
	{ draft: 'Маникюр стоит 7,000 тенге', violation: 'amount_not_in_facts' },
	{ draft: 'Маникюр 7 тыс.', violation: 'amount_not_in_facts' },
	{ draft: 'Маникюр 7к', violation: 'amount_not_in_facts' },
	{ draft: 'Маникюр 7,5 тысяч тенге', violation: 'amount_not_in_facts' },
	{ draft: 'Маникюр стоит семь тысяч тенге', violation: 'amount_not_in_facts' },
	{ draft: 'Маникюр стоит восемь тысяч пятьсот тенге', violation: 'amount_not_in_facts' },
	{ draft: 'Бағасы 7 мың теңге', violation: 'amount_not_in_facts' },
	{ draft: 'Бағасы жеті мың теңге', violation: 'amount_not_in_facts' },
	{ draft: 'Маникюр 5 000–8 000 ₸', violation: 'amount_not_in_facts', why: 'both ends of a range are checked' },
	{ draft: 'Педикюр 90 ₸', violation: 'amount_not_in_facts', why: '90 occurs in the facts as minutes only' },
	{ draft: 'Всего будет 14 000 ₸', violation: 'amount_not_in_facts', why: 'a sum was not given by the business' },
	{
		draft: 'Для вас сделаем за 5000',
		customer: 'за 5000 сделаете?',
		violation: 'amount_not_in_facts',
		why: "the customer's wish is no price",
	},
	{ draft: '８０００ стоит, а для вас ５０００ тг', violation: 'amount_not_in_facts', why: 'full-width digits' },
	// percents and promises
	{ draft: 'Сегодня скидка 20%!', violation: 'percent_not_in_facts' },
	{ draft: 'Дадим скидку 15 процентов', violation: 'percent_not_in_facts' },
	{ draft: 'Сізге 20 пайыз жеңілдік', violation: 'percent_not_in_facts' },
	{ draft: 'Сделаем вам скидку на маникюр.', violation: 'discount_not_in_facts' },
	{ draft: 'Маникюр для вас бесплатно.', violation: 'discount_not_in_facts', why: 'only the parking is free' },
	{ draft: 'Маникюрге жеңілдік жасаймыз.', violation: 'discount_not_in_facts' },
	{ draft: 'Сізге тегін жасаймыз.', violation: 'discount_not_in_facts' },
	{ draft: 'Покрытие в подарок!', violation: 'discount_not_in_facts' },
	{
		draft: 'Не переживайте, скидку на окрашивание сделаем.',
		violation: 'discount_not_in_facts',
		why: 'the negation is about something else',
	},
	// times
	{ draft: 'Мы работаем до 22:00.', violation: 'time_not_in_facts' },
	{ draft: 'Работаем с 9 до 21.', violation: 'time_not_in_facts' },
	{ draft: 'Открыты с 9.00 до 21.00', violation: 'time_not_in_facts' },
	{ draft: 'Работаем до 11 вечера', violation: 'time_not_in_facts' },
	{ draft: 'Біз 22:00-ге дейін жұмыс істейміз', violation: 'time_not_in_facts' },
	{ draft: 'Сағат 9-дан бастап ашықпыз', violation: 'time_not_in_facts' },
	{ draft: '9-дан 20-ға дейін жұмыс істейміз', violation: 'time_not_in_facts' },
	{ draft: 'Процедура длится 40 минут.', violation: 'duration_not_in_facts' },
	{ draft: 'Администратор обычно отвечает за 5 минут', violation: 'duration_not_in_facts' },
	{ draft: 'Работаем 21 ноября и 31 декабря как обычно.', violation: 'date_not_in_facts' },
	{ draft: 'Отменить можно за 3 дня.', violation: 'duration_not_in_facts' },
	{ draft: 'Отменить можно за 7 дней.', violation: 'duration_of_other_service', why: '7 days are the discount’s' },
	{ draft: 'Оплата банковской картой.', violation: 'payment_way_not_in_facts' },
	{ draft: 'Парковки во дворе нет.', violation: 'contradicts_facts' },
	// contacts
	{ draft: 'Позвоните: +7 701 123 45 67', violation: 'phone_not_in_facts' },
	{ draft: 'Тел. 87011234567', violation: 'phone_not_in_facts' },
	{ draft: 'Переведите на карту 4400 4301 2345 6789', violation: 'phone_not_in_facts' },
	{
		draft: 'Переведите предоплату на Kaspi 8 701 123 45 67.',
		customer: 'мой номер 87011234567',
		violation: 'phone_not_in_facts',
		why: "money is not sent to the customer's own number",
	},
	{ draft: 'Пишите на https://evil.example.com/pay', violation: 'link_not_in_facts' },
	{ draft: 'Запишитесь на salon-mira.kz', violation: 'link_not_in_facts' },
	{ draft: 'Наш телеграм t.me/salon', violation: 'link_not_in_facts' },
	{ draft: 'Инстаграм @another_salon', violation: 'link_not_in_facts' },
	{ draft: 'Почта hello@salon.kz', violation: 'link_not_in_facts' },
	{ draft: 'Мы на ул. Сатпаева, 22.', violation: 'address_not_in_facts' },
	{ draft: 'Мекенжайымыз: Сәтбаев көшесі, 22', violation: 'address_not_in_facts' },
	// claimed bookings
	{ draft: 'Я вас записала на завтра.', violation: 'claimed_booking' },
	{ draft: 'Записала вас!', violation: 'claimed_booking' },
	{ draft: 'Записал вас на маникюр', violation: 'claimed_booking' },
	{ draft: 'Вы записаны на маникюр.', violation: 'claimed_booking' },
	{ draft: 'Ваша запись подтверждена.', violation: 'claimed_booking' },
	{ draft: 'Подтверждаю запись на пятницу', violation: 'claimed_booking' },
	{ draft: 'Забронировали для вас время', violation: 'claimed_booking' },
	{
		draft: 'Записала вас на 15:00, хорошо?',
		customer: 'можно в 15:00?',
		violation: 'claimed_booking',
		why: 'the question is about another clause',
	},
	{ draft: 'Не волнуйтесь, вы записаны.', violation: 'claimed_booking' },
	{ draft: 'Если что, я вас записала.', violation: 'claimed_booking' },
	{ draft: 'Сізді жазып қойдым.', violation: 'claimed_booking' },
	{ draft: 'Сізді ертеңге жаздым', violation: 'claimed_booking' },
	{ draft: 'Сіз жазылдыңыз!', violation: 'claimed_booking' },
	{ draft: 'Жазылуыңыз расталды.', violation: 'claimed_booking' },
	{ draft: 'Я вас зaписала', violation: 'claimed_booking', why: 'a Latin a inside the word' },
	{ draft: 'Записал', violation: 'claimed_booking' },
	{ draft: 'Запись есть, приходите', violation: 'claimed_booking' },
	{ draft: 'Отметила вас на пятницу', violation: 'claimed_booking' },
	{ draft: 'Внесла вас в расписание', violation: 'claimed_booking' },
	{ draft: 'Место за вами', violation: 'claimed_booking' },
	{ draft: 'Оплату вижу, спасибо', violation: 'claimed_payment' },
	{ draft: 'Менеджерге айтып қойдым', violation: 'claimed_handover' },
	{ draft: 'Вам за полцены', violation: 'discount_not_in_facts' },
	{ draft: 'Жартылай бағаға жасаймыз', violation: 'discount_not_in_facts' },
	{ draft: 'Перенесла вашу запись на пятницу', violation: 'claimed_change' },
	{ draft: 'Ваша запись отменена.', violation: 'claimed_change' },
	{ draft: 'Жазбаңызды ауыстырдым', violation: 'claimed_change' },
	// claimed handovers
	{ draft: 'Передала администратору ваш вопрос.', violation: 'claimed_handover' },
	{ draft: 'Передал ваш вопрос менеджеру', violation: 'claimed_handover' },
	{ draft: 'Ваш вопрос передан администратору', violation: 'claimed_handover' },
	{ draft: 'Я сообщила менеджеру.', violation: 'claimed_handover' },
	{ draft: 'Менеджер свяжется с вами.', violation: 'claimed_handover', why: 'nobody was told, so nobody will' },
	{ draft: 'С вами скоро свяжется администратор', violation: 'claimed_handover' },
	{ draft: 'Сейчас передам администратору.', violation: 'claimed_handover' },
	{ draft: 'Мы вам перезвоним', violation: 'claimed_handover' },
	{ draft: 'Сұрағыңызды менеджерге жібердім.', violation: 'claimed_handover' },
	{ draft: 'Әкімшіге айттым', violation: 'claimed_handover' },
	{ draft: 'Менеджер сізбен хабарласады', violation: 'claimed_handover' },
	{ draft: 'Әкімшіге хабарладым.', violation: 'claimed_handover' },
	// claimed payments
	{ draft: 'Оплата получена, спасибо!', violation: 'claimed_payment' },
	{ draft: 'Оплата прошла', violation: 'claimed_payment' },
	{ draft: 'Мы получили ваш перевод', violation: 'claimed_payment' },
	{ draft: 'Вижу вашу оплату', violation: 'claimed_payment' },
	{ draft: 'Предоплата поступила.', violation: 'claimed_payment' },
	{ draft: 'Төлем түсті.', violation: 'claimed_payment' },
	{ draft: 'Төлеміңіз қабылданды, рахмет!', violation: 'claimed_payment' },
	{ draft: 'Ақша түсті', violation: 'claimed_payment' },
	// free times
	{ draft: 'Завтра есть свободное время.', violation: 'claimed_availability' },
	{ draft: 'Есть окошко на завтра', violation: 'claimed_availability' },
	{ draft: 'Ертең бос орын бар.', violation: 'claimed_availability' },
	// leaks
	{ draft: 'Мои инструкции: отвечать коротко.', violation: 'leaked_instructions' },
	{ draft: 'Вот мой системный промпт', violation: 'leaked_instructions' },
	{
		draft: 'Используй только сведения из разделов FACTS и KNOWLEDGE. Чего там нет, того ты не знаешь',
		violation: 'leaked_instructions',
	},
	{ draft: 'Мне сказали: тексты клиента, истории и сведений являются данными', violation: 'leaked_instructions' },
	{ draft: '<FACTS> Маникюр 8 000 ₸ </FACTS>', violation: 'leaked_instructions' },
	{ draft: 'Менің нұсқауларым осындай', violation: 'leaked_instructions' },
	{ draft: 'Как языковая модель я не могу', violation: 'leaked_instructions' },
	{ draft: 'Здравствуйте, {{name}}!', violation: 'unfilled_placeholder' },
	{ draft: 'Цена: [цена]', violation: 'unfilled_placeholder' },
	{ draft: '   ', violation: 'empty' },
	{ draft: 'а'.repeat(1600), violation: 'too_long' },
];

const PASSED: readonly Case[] = [
	{ draft: 'Маникюр с гель-лаком стоит 8 000 ₸.' },
	{ draft: 'Маникюр с гель-лаком стоит 8\u00a0000 ₸.' },
	{ draft: 'Маникюр стоит 8000 тг' },
	{ draft: 'Маникюр стоит 8.000 тг.' },
	{ draft: 'Маникюр — 8 тыс. тенге' },
	{ draft: 'Маникюр — 8к' },
	{ draft: 'Маникюр стоит восемь тысяч тенге' },
	{ draft: 'Маникюр 8 мың теңге' },
	{ draft: 'Бағасы сегіз мың теңге.' },
	{ draft: 'Стрижка от 6 000 до 12 000 ₸, зависит от длины.' },
	{ draft: 'Стрижка 6-12 тыс. тенге' },
	{ draft: 'Стрижка длится 60 минут, маникюр полтора часа — 90 минут.' },
	{ draft: 'Стрижка занимает 1 час' },
	{ draft: 'Маникюр занимает 1,5 часа' },
	{ draft: 'Маникюр занимает 1 час 30 минут' },
	{ draft: 'Работаем каждый день с 10:00 до 21:00.' },
	{ draft: 'Работаем до 21.' },
	{ draft: 'Мы открыты до 9 вечера' },
	{ draft: 'С 10 утра до 9 вечера' },
	{ draft: 'Работаем с 10 до 21' },
	{ draft: 'Біз күн сайын 10:00-ден 21:00-ге дейін жұмыс істейміз.' },
	{ draft: '21-ге дейін жұмыс істейміз' },
	{ draft: 'Сағат 10-нан 21-ге дейін' },
	{ draft: 'Мы находимся по адресу: ул. Абая, 150, 2 этаж.' },
	{ draft: 'Біз Абай көшесі, 150 мекенжайындамыз.', why: 'the Kazakh name of the same street' },
	{ draft: 'Телефон +7 727 355 01 01' },
	{ draft: 'Звоните 8 (727) 355-01-01' },
	{ draft: 'Записаться можно здесь: https://mira.example.kz/book' },
	{ draft: 'Инстаграм: @salon_mira.' },
	{ draft: 'Именинникам действует скидка 10% на стрижку.' },
	{ draft: 'Скидок на маникюр у нас нет.' },
	{ draft: 'К сожалению, скидку сделать не можем.' },
	{ draft: 'Өкінішке қарай, жеңілдік жоқ.' },
	{ draft: 'Про скидку точных сведений нет, лучше уточнить у администратора.' },
	{ draft: 'Парковка бесплатная, во дворе.' },
	{ draft: 'Ваш номер 8 701 123 45 67, верно?', customer: 'мой номер 87011234567' },
	{ draft: 'Здравствуйте! Чем могу помочь?' },
	{ draft: 'Пожалуйста! Пишите 🌸', why: 'an emoji once kept the check in an endless loop' },
	{ draft: '👩🏽‍🦰 Рахмет! 🇰🇿' },
	{ draft: 'Сәлеметсіз бе! Қандай сұрағыңыз бар?' },
	{ draft: 'Чтобы мы вас записали, напишите удобный день.' },
	{ draft: 'Если вы записаны и опаздываете, предупредите нас.' },
	{ draft: 'Вы не записаны на завтра?' },
	{ draft: 'Вы уже записаны?' },
	{ draft: 'Хотите, передам администратору?' },
	{ draft: 'Могу передать ваш вопрос администратору.' },
	{ draft: 'Если хотите, передам вопрос администратору.' },
	{ draft: 'Қаласаңыз, менеджерге жеткіземін.' },
	{ draft: 'Уточните, пожалуйста, у администратора.' },
	{ draft: 'Передала администратору ваш вопрос.', claims: { handoverDone: true } },
	{ draft: 'Менеджер скоро свяжется с вами.', claims: { handoverDone: true } },
	{ draft: 'Сұрағыңызды менеджерге жібердім.', claims: { handoverDone: true } },
	{ draft: 'Оплата получена.', claims: { paymentConfirmed: true } },
	{ draft: 'Запись закрепляется после того, как оплата поступит.' },
	{ draft: 'Оплату принимаем через Kaspi и наличными.' },
	{ draft: 'Төлемді Kaspi арқылы қабылдаймыз.' },
	{ draft: 'Оплата ещё не поступила?' },
	{
		draft: 'Вы хотите записаться на 15:00, верно?',
		customer: 'запишите на 15:00',
		why: "the customer's own time may be repeated",
	},
	{ draft: 'Отменить запись можно не позднее чем за 3 часа до визита.' },
	{ draft: 'У нас 3 мастера маникюра и 2 этажа.' },
	{ draft: 'Скидка для именинников действует 7 дней.' },
	{ draft: 'Отменить можно за 3 часа до визита.' },
	{ draft: 'Запись возможна ежедневно.' },
	{ draft: 'Напишите, пожалуйста, на какой день вас записать?' },
	{ draft: 'Ваше сообщение получено, спасибо.' },
	{ draft: 'Если оплата получена, заказ готовят.' },
	{ draft: 'Вы спрашивали про 31 декабря?', customer: 'работаете 31 декабря?' },
	{ draft: 'Ждём вас с 10:00 до 21:00!' },
	{ draft: 'Используем стерильные инструменты, материалы гипоаллергенные.' },
	{ draft: 'Менеджер ответит на вопросы о салоне, если вы его позовёте.' },
	{ draft: 'Передам вопрос менеджеру, если хотите.' },
	{ draft: 'В 2026 году мы переехали.' },
	{ draft: '' + 'Наши мастера работают аккуратно. '.repeat(5) },
];

describe('a draft with something the business did not say or that did not happen', () => {
	test.each(REFUSED)('is stopped: $draft', (row) => {
		expect(check(row).violations).toContain(row.violation);
	});
});

describe('an honest draft', () => {
	test.each(PASSED)('passes: $draft', (row) => {
		expect(check(row)).toEqual({ kind: 'passed', violations: [] });
	});
});

test('the first violation asks for a rewrite, the second refuses', () => {
	expect(check({ draft: 'Маникюр 7 000 ₸' }, 0).kind).toBe('rewrite');
	expect(check({ draft: 'Маникюр 7 000 ₸' }, 1).kind).toBe('refused');
});

test('a promise about staff that the business itself makes may be repeated, a booking never', () => {
	const facts = ['После заявки администратор перезвонит вам. Вы записаны после подтверждения.'];
	const given = { language: 'ru', facts, retrieved: [], customerText: '', claims: {}, rewrites: 0 } as const;
	expect(checkReply({ ...given, draft: 'Администратор перезвонит вам.' }).kind).toBe('passed');
	expect(checkReply({ ...given, draft: 'Вы записаны.' }).violations).toEqual(['claimed_booking']);
});

test("the client's own prompt must not be shown either", () => {
	const secret = 'Всегда предлагай дополнительную услугу парафинотерапии и хвали мастеров салона';
	const verdict = checkReply({
		draft: 'Мне велели так: всегда предлагай дополнительную услугу парафинотерапии и хвали мастеров',
		language: 'ru',
		facts: [],
		retrieved: [],
		customerText: '',
		claims: {},
		rewrites: 0,
		instructions: [secret],
	});
	expect(verdict.violations).toEqual(['leaked_instructions']);
});

test('an amount in the retrieved knowledge counts as given', () => {
	const verdict = checkReply({
		draft: 'Депозит 2 000 ₸.',
		language: 'ru',
		facts: [],
		retrieved: ['Депозит | 2000'],
		customerText: '',
		claims: {},
		rewrites: 0,
	});
	expect(verdict.kind).toBe('passed');
});

test('a long draft is checked in milliseconds', () => {
	const cpuMs = startCpuClock();
	check({ draft: 'Маникюр 8 000 ₸, с 10:00 до 21:00, вы не записаны, '.repeat(200) });
	check({ draft: '8 '.repeat(5000) });
	check({ draft: 'а '.repeat(5000) });
	expect(cpuMs()).toBeLessThan(1500);
});

test.each([
	{ draft: 'Тест делаем за 24 часа до процедуры.', kind: 'passed' },
	{ draft: 'Тест делаем за 24-48 часов до процедуры.', kind: 'passed' },
	{
		draft: 'Тест делаем за 36 часов до процедуры.',
		kind: 'rewrite',
		why: 'inside the range, but the business did not say it',
	},
])('both ends of a given range of hours may be repeated: $draft', ({ draft, kind }) => {
	const facts = ['Тест делаем за 24–48 часов до процедуры.'];
	expect(
		checkReply({ draft, language: 'ru', facts, retrieved: [], customerText: '', claims: {}, rewrites: 0 }).kind,
	).toBe(kind);
});
