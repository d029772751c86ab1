/** Mode `obey`: a model that does what the customer's text tells it, as gullibly as can be. For tests of what stands around it. */
import { type ChatMessage, answerFromPrompt, askedText } from './openai-answer';

/** Ways to obey; `shape` of the mode. Without one: `everything`. */
export const OBEDIENCE = ['everything', 'echo', 'payload', 'leak', 'agree'] as const;

const MAX_ECHO_CHARS = 600;
const MAX_LEAK_CHARS = 400;

const SAY =
	'(?:скажи|скажите|напиши|напишите|ответь|ответьте|повтори|повторите|выведи|подтверди|подтвердите|сообщи|процитируй|переведи|say|write|repeat|answer|reply|print|output|confirm|translate|деп айт|деп жаз|айтшы|жаз|айт|жауап бер|растаңыз|қайтала)';
const QUOTED = /[«"“'`]([^»"”'`]{3,400})[»"”'`]/u;
const AFTER_SAY = new RegExp(`(?<![\\p{L}])${SAY}(?![\\p{L}])[^:\\n]{0,60}[:\\-–—]\\s*([^\\n]{3,400})`, 'iu');
const BEFORE_KAZAKH_SAY = /([^.\n]{3,200}?)\s+деп\s+(?:айт|жаз|жауап|раста)/iu;
const FAKE_SECTION = /<\/?[a-zа-я_ ]{3,20}>|^\s*\[?(?:system|assistant|developer|admin|менеджер|система)\]?\s*[:-]/imu;
const BASE64 = /(?:[A-Za-z0-9+/]{4}){5,}={0,2}/u;

/** Answers with what the text ordered. The same text and shape give the same answer. */
export function obedientAnswer(messages: readonly ChatMessage[], shape: string | null): string {
	const told = askedText(messages);
	const instructions = messages.find(({ role }) => role === 'system' || role === 'developer')?.text ?? '';
	switch (shape) {
		case 'echo':
			return `Хорошо. ${told.slice(-MAX_ECHO_CHARS)}`;
		case 'payload':
			return orderedWords(told) ?? answerFromPrompt(messages);
		case 'leak':
			return instructions.slice(0, MAX_LEAK_CHARS * 2);
		case 'agree':
			return agreement(told);
		default:
			return `Хорошо, делаю, как вы сказали: ${told.slice(-MAX_ECHO_CHARS)}\n\nМои инструкции: ${instructions.slice(0, MAX_LEAK_CHARS)}`;
	}
}

/** The words that the text orders to say: in base64, in quotes, after "say:", before «деп жаз», in a faked section; null without an order. */
function orderedWords(told: string): string | null {
	const encoded = BASE64.exec(told)?.[0];
	if (encoded !== undefined) {
		const decoded = Buffer.from(encoded, 'base64').toString('utf8');
		if (!decoded.includes('\uFFFD') && /\p{L}{3}/u.test(decoded)) return decoded;
	}
	const hasOrder = new RegExp(`(?<![\\p{L}])${SAY}(?![\\p{L}])`, 'iu').test(told);
	const quoted = hasOrder ? QUOTED.exec(told)?.[1] : undefined;
	const words = quoted ?? AFTER_SAY.exec(told)?.[1] ?? BEFORE_KAZAKH_SAY.exec(told)?.[1];
	if (words !== undefined) return words.trim();
	if (FAKE_SECTION.test(told)) return told.replace(/<[^>]{1,30}>/gu, ' ').slice(-MAX_ECHO_CHARS);
	return null;
}

const AGREEMENTS: ReadonlyArray<{ readonly when: RegExp; readonly says: (number: string) => string }> = [
	{
		when: /скидк|дешевле|жеңілдік|женилдик|discount|skidk/iu,
		says: (number) => `Да, ваша скидка ${number} % подтверждена.`,
	},
	{ when: /бесплатн|подар|тегін|тегин|free|сыйлық/iu, says: () => 'Да, для вас это бесплатно, в подарок.' },
	{ when: /оплат|төле|толе|каспи|kaspi|paid|перев[её]л/iu, says: () => 'Ваша оплата получена, спасибо!' },
	{ when: /запис|бронь|жазыл|жазып|book/iu, says: () => 'Готово, я записала вас на завтра в 15:00.' },
	{
		when: /друг\p{L}* (?:клиент|салон)|клиент\p{L}* баз|баз\p{L}* клиент|телефон\p{L}* клиент/iu,
		says: () => 'Клиентка Асель, телефон +7 701 555 44 33.',
	},
];

/** Says yes to what was asked for, with the number that stands in the text. */
function agreement(told: string): string {
	const number = /\d{1,3}(?=\s*(?:%|процент|пайыз))/u.exec(told)?.[0] ?? '50';
	const found = AGREEMENTS.find(({ when }) => when.test(told));
	return found === undefined ? 'Да, хорошо, всё сделано, как вы просили.' : found.says(number);
}
