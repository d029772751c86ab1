import { said, turn } from './demo-salon';

const CASES: ReadonlyArray<{
	name: string;
	earlier: string;
	text: string;
	intent: string;
	services?: readonly string[];
}> = [
	{
		name: 'a variant after a price',
		earlier: 'маникюр с покрытием сколько?',
		text: 'а без покрытия?',
		intent: 'question_price',
		services: ['manicure_classic'],
	},
	{
		name: 'a part after a price',
		earlier: 'Сколько стоит окрашивание?',
		text: 'а корни?',
		intent: 'question_price',
		services: ['color_roots'],
	},
	{
		name: 'men after a price, in Kazakh',
		earlier: 'Шаш қию қанша тұрады?',
		text: 'ерлерге ше?',
		intent: 'question_price',
		services: ['haircut_men'],
	},
	{
		name: 'another day after the hours',
		earlier: 'Вы до скольки работаете?',
		text: 'А в воскресенье?',
		intent: 'question_hours',
	},
	{
		name: 'another day after the hours, in Kazakh',
		earlier: 'Нешеге дейін жұмыс істейсіздер?',
		text: 'Жексенбі күні ше?',
		intent: 'question_hours',
	},
	{
		name: 'a holiday after the hours',
		earlier: 'Вы в выходные работаете?',
		text: 'А 22 марта, на Наурыз?',
		intent: 'question_hours',
	},
	{
		name: 'a day after a price is a wish to come',
		earlier: 'Сколько стоит педикюр?',
		text: 'А завтра можно в 15:00?',
		intent: 'booking',
	},
];
test.each(CASES)('$name', ({ earlier, text, intent, services }) => {
	const classification = turn(text, { history: [said('user', earlier), said('bot', '...')] }).classification;
	expect(classification?.intents).toEqual([intent]);
	if (services !== undefined) expect(classification?.entities.services).toEqual(services);
});

const RULES: ReadonlyArray<{ text: string; intent: string; route: string }> = [
	{ text: 'А что будет если опоздаю минут на 20?', intent: 'question_other', route: 'retrieval' },
	{ text: 'За какое время надо предупредить об отмене?', intent: 'question_other', route: 'retrieval' },
	{ text: 'Отмените мою запись, пожалуйста', intent: 'reschedule_cancel', route: 'handover' },
	{ text: 'Ақшаны аударып жібердім, түсті ме?', intent: 'payment', route: 'handover' },
];
test.each(RULES)('"$text" is $intent', ({ text, intent, route }) => {
	const classification = turn(text).classification;
	expect(classification?.intents[0]).toBe(intent);
	expect(classification?.route).toBe(route);
});
