import { answeringOrder, isLate, isTooLate } from '../../../lib/conversation/lateness';

const NOW = new Date('2026-11-21T06:00:00Z');
const said = (text: string, secondsAgo: number) => ({ text, writtenAt: new Date(NOW.getTime() - secondsAgo * 1_000) });
const HOUR_S = 3_600;

const CASES: ReadonlyArray<{
	name: string;
	given: ReadonlyArray<readonly [string, number]>;
	expected: readonly string[];
}> = [
	{
		name: 'a burst on time keeps the order of arrival',
		given: [
			['а сколько', 3],
			['стоит?', 9],
		],
		expected: ['а сколько', 'стоит?'],
	},
	{
		name: 'after an outage the newest question comes first',
		given: [
			['сколько стоит?', 2 * HOUR_S],
			['где вы?', HOUR_S],
			['вы работаете?', 600],
		],
		expected: ['вы работаете?', 'где вы?', 'сколько стоит?'],
	},
	{
		name: 'the words of one question keep their order',
		given: [
			['здравствуйте', 2 * HOUR_S],
			['сколько стоит?', 2 * HOUR_S - 5],
			['ау', 600],
			['вы работаете?', 590],
		],
		expected: ['ау', 'вы работаете?', 'здравствуйте', 'сколько стоит?'],
	},
	{
		name: 'what was delivered in disorder is put in the order of writing',
		given: [
			['второе', 3_000],
			['первое', 3_030],
		],
		expected: ['первое', 'второе'],
	},
	{
		name: 'a message from before the outage makes the whole turn a backlog',
		given: [
			['сколько стоит?', HOUR_S],
			['есть кто?', 2],
		],
		expected: ['есть кто?', 'сколько стоит?'],
	},
];
test.each(CASES)('$name', ({ given, expected }) => {
	const messages = given.map(([text, secondsAgo]) => said(text, secondsAgo));
	expect(answeringOrder(messages, NOW).map((message) => message.text)).toEqual(expected);
});

test('late is five minutes, too late is a day, both to the millisecond', () => {
	const ago = (ms: number) => new Date(NOW.getTime() - ms);
	expect([isLate(ago(299_999), NOW), isLate(ago(300_000), NOW)]).toEqual([false, true]);
	expect([isTooLate(ago(86_399_999), NOW), isTooLate(ago(86_400_000), NOW)]).toEqual([false, true]);
});
