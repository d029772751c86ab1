import type { HistoryEntry } from '../../../lib/item/turn-item';
import { apologiseWhenLate } from '../../../lib/outbox/late-reply';

const NOW = new Date('2026-11-21T06:00:00Z');
const MINUTE_MS = 60_000;
const minutesAgo = (minutes: number): string => new Date(NOW.getTime() - minutes * MINUTE_MS).toISOString();
const SORRY = 'Извините, что отвечаем с опозданием.';
const bot = (text: string, minutes: number): HistoryEntry => ({ author: 'bot', text, at: minutesAgo(minutes) });

const CASES: ReadonlyArray<{
	name: string;
	text?: string;
	language?: 'ru' | 'kk';
	receivedAt: string;
	history?: readonly HistoryEntry[];
	expected: string;
}> = [
	{ name: 'an answer on time has no apology', receivedAt: minutesAgo(4.9), expected: 'Стрижка — 8 000 ₸.' },
	{ name: 'five minutes are late', receivedAt: minutesAgo(5), expected: `${SORRY}\n\nСтрижка — 8 000 ₸.` },
	{
		name: 'the greeting stays first',
		text: 'Здравствуйте! Стрижка — 8 000 ₸.',
		receivedAt: minutesAgo(60),
		expected: `Здравствуйте! ${SORRY}\n\nСтрижка — 8 000 ₸.`,
	},
	{
		name: 'the apology is in the language of the answer',
		text: 'Шаш қию — 8 000 ₸.',
		language: 'kk',
		receivedAt: minutesAgo(60),
		expected: 'Кеш жауап бергеніміз үшін кешірім сұраймыз.\n\nШаш қию — 8 000 ₸.',
	},
	{
		name: 'one apology is enough for several late answers in a row',
		receivedAt: minutesAgo(60),
		history: [bot(`${SORRY}\n\nАдрес: Абая, 1.`, 1)],
		expected: 'Стрижка — 8 000 ₸.',
	},
	{
		name: 'an apology of this morning does not excuse this evening',
		receivedAt: minutesAgo(60),
		history: [bot(`${SORRY}\n\nАдрес: Абая, 1.`, 300)],
		expected: `${SORRY}\n\nСтрижка — 8 000 ₸.`,
	},
	{
		name: "a customer's own apology is not ours",
		receivedAt: minutesAgo(60),
		history: [{ author: 'user', text: SORRY, at: minutesAgo(1) }],
		expected: `${SORRY}\n\nСтрижка — 8 000 ₸.`,
	},
];
test.each(CASES)('$name', ({ text = 'Стрижка — 8 000 ₸.', language = 'ru', receivedAt, history = [], expected }) => {
	expect(apologiseWhenLate({ text, language }, receivedAt, history, NOW)).toBe(expected);
});
