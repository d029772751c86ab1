import type { Evidence, PhoneMessage, WrittenMessage } from '../../../scripts/chaos/evidence';
import { MANAGER_WORDS } from '../../../scripts/chaos/managers';
import { BAD_COLUMNS, type BadColumn, judge } from '../../../scripts/chaos/verdict';

const START = 1_800_000_000_000;
const PHONE = '77050000001';
const OTHER_PHONE = '77050000002';

type Written = WrittenMessage & { readonly author: 'customer' | 'owner' };

const price = (service: string) => ({ kind: 'price', text: `Сколько стоит ${service}?`, service }) as const;
const written = (id: string, atS: number, more: Partial<Written> = {}): Written => ({
	id,
	client: 'one',
	phone: PHONE,
	author: 'customer',
	question: price('gel'),
	postedAt: START + atS * 1_000,
	acceptedAt: START + atS * 1_000 + 50,
	deliveries: 1,
	...more,
});
const arrival = (seq: number, key: string, atS: number, more: Partial<PhoneMessage> = {}): PhoneMessage => ({
	seq,
	client: 'one',
	phone: PHONE,
	text: 'Маникюр — 8 011 ₸, по времени 1 ч 30 мин.',
	key,
	at: START + atS * 1_000,
	...more,
});
const event = (id: string, turnId: string | null, atS: number, client = 'one') => ({
	id,
	client,
	receivedAt: START + atS * 1_000,
	turnId,
});
const turn = (id: string, more: Partial<Evidence['turns'][number]> = {}): Evidence['turns'][number] => ({
	id,
	client: 'one',
	kind: 'user',
	outcome: 'answered',
	reason: 'facts',
	conversationId: 'c1',
	replyMessageId: `m-${id}`,
	...more,
});
const outbox = (turnId: string, atS: number, more: Partial<Evidence['outbox'][number]> = {}) => ({
	key: `k-${turnId}`,
	client: 'one',
	messageId: `m-${turnId}`,
	conversationId: 'c1',
	turnId,
	author: 'bot' as const,
	status: 'sent',
	writtenAt: START + atS * 1_000,
	...more,
});
const facts = (slug: string, ending: number, mark: string, afterCrash: 'prefer-once' | 'prefer-delivery') => ({
	slug,
	prices: new Map([
		['gel', 8_000 + ending],
		['cut', 5_000 + ending],
	]),
	amounts: new Set([8_000 + ending, 5_000 + ending]),
	marks: [mark],
	afterCrash,
});

/** Two questions of one customer, each answered in time; another customer of another client. */
const CLEAN: Evidence = {
	clients: [facts('one', 11, 'Ладожская', 'prefer-once'), facts('two', 22, 'Онежская', 'prefer-delivery')],
	written: [
		written('A', 0),
		written('B', 10, { question: price('cut') }),
		written('C', 5, { client: 'two', phone: OTHER_PHONE }),
	],
	phone: [
		arrival(1, 'k-t1', 2),
		arrival(2, 'k-t3', 7, { client: 'two', phone: OTHER_PHONE, text: 'Маникюр — 8 022 ₸.' }),
		arrival(3, 'k-t2', 12, { text: 'Стрижка — 5 011 ₸.' }),
	],
	group: [],
	takeovers: [],
	peopleSeen: new Set(),
	events: [event('A', 't1', 0), event('B', 't2', 10), event('C', 't3', 5, 'two')],
	turns: [turn('t1'), turn('t2'), turn('t3', { client: 'two', conversationId: 'c2' })],
	outbox: [outbox('t1', 2), outbox('t2', 12), outbox('t3', 7, { client: 'two', conversationId: 'c2' })],
	handedOver: new Set(),
	crossedRows: [],
};
const by = (kind: 'owner' | 'manager', fromS: number, untilS = 1_000) => ({
	client: 'one',
	phone: PHONE,
	by: kind,
	from: START + fromS * 1_000,
	until: START + untilS * 1_000,
});
const without = <T>(list: readonly T[], index: number): T[] => list.filter((_item, at) => at !== index);
const changed = <T extends object>(list: readonly T[], index: number, change: Partial<T>): T[] =>
	list.map((item, at) => (at === index ? { ...item, ...change } : item));

function counts(evidence: Evidence): Record<BadColumn, number> {
	const { bad } = judge(evidence);
	return Object.fromEntries(BAD_COLUMNS.map((column) => [column, bad[column].length])) as Record<BadColumn, number>;
}

const ZERO = Object.fromEntries(BAD_COLUMNS.map((column) => [column, 0]));

test('a clean run is zero in every bad column', () => {
	expect(counts(CLEAN)).toEqual(ZERO);
	expect(judge(CLEAN)).toMatchObject({ accepted: 3, notAccepted: 0, replies: 3, repeatedByPolicy: 0 });
});

const HARMLESS: ReadonlyArray<{ name: string; given: Evidence; why?: string }> = [
	{
		name: 'a message without a 200 that nobody has',
		given: { ...CLEAN, written: [...CLEAN.written, written('D', 20, { acceptedAt: null })] },
		why: 'the sender knows that it was not taken',
	},
	{
		name: 'two messages answered by one turn',
		given: {
			...CLEAN,
			events: changed(CLEAN.events, 1, { turnId: 't1' }),
			turns: without(CLEAN.turns, 1),
			outbox: without(CLEAN.outbox, 1),
			phone: without(CLEAN.phone, 2),
		},
	},
	{
		name: 'the same message twice where the client prefers delivery',
		given: { ...CLEAN, phone: [...CLEAN.phone, { ...(CLEAN.phone[1] as PhoneMessage), seq: 9 }] },
	},
	{
		name: 'a reply of unknown fate about which a manager was told',
		given: {
			...CLEAN,
			phone: without(CLEAN.phone, 0),
			outbox: changed(CLEAN.outbox, 0, { status: 'unknown' }),
			handedOver: new Set(['c1']),
		},
	},
	{
		name: 'a message held for a person who had taken over',
		given: {
			...CLEAN,
			takeovers: [by('owner', 8)],
			peopleSeen: new Set([`one ${PHONE}`]),
			turns: changed(CLEAN.turns, 1, { outcome: 'held', reason: 'human_active', replyMessageId: null }),
			outbox: without(CLEAN.outbox, 1),
			phone: without(CLEAN.phone, 2),
		},
	},
	{
		name: 'a reply that was under way when a person took over',
		given: { ...CLEAN, takeovers: [by('owner', 12.5)], phone: changed(CLEAN.phone, 2, { at: START + 14_000 }) },
	},
	{
		name: "a manager's own words while they have the conversation",
		given: {
			...CLEAN,
			takeovers: [by('manager', 13)],
			outbox: [...CLEAN.outbox, outbox('x', 15, { turnId: null, author: 'manager' })],
			phone: [...CLEAN.phone, arrival(4, 'k-x', 15, { text: `${MANAGER_WORDS}: добрый день` })],
		},
	},
	{
		name: 'an answer after the manager has given the conversation back',
		given: { ...CLEAN, takeovers: [by('manager', 3, 9)] },
	},
];
test.each(HARMLESS)('$name is not bad', ({ given }) => {
	expect(counts(given)).toEqual(ZERO);
});

const DAMAGE: ReadonlyArray<{ name: string; column: BadColumn; given: Evidence }> = [
	{ name: 'an accepted message without a row', column: 'lost', given: { ...CLEAN, events: without(CLEAN.events, 0) } },
	{
		name: 'an accepted message that no turn took',
		column: 'lost',
		given: { ...CLEAN, events: changed(CLEAN.events, 0, { turnId: null }) },
	},
	{
		name: 'an answer without a reply',
		column: 'lost',
		given: {
			...CLEAN,
			turns: changed(CLEAN.turns, 0, { replyMessageId: null }),
			outbox: without(CLEAN.outbox, 0),
			phone: without(CLEAN.phone, 0),
		},
	},
	{
		name: 'a reply that is marked as sent and never arrived',
		column: 'lost',
		given: { ...CLEAN, phone: without(CLEAN.phone, 0) },
	},
	{
		name: 'a reply of unknown fate that nobody was told about',
		column: 'lost',
		given: { ...CLEAN, phone: without(CLEAN.phone, 0), outbox: changed(CLEAN.outbox, 0, { status: 'unknown' }) },
	},
	{
		name: 'a reply that still waits',
		column: 'lost',
		given: { ...CLEAN, phone: without(CLEAN.phone, 0), outbox: changed(CLEAN.outbox, 0, { status: 'queued' }) },
	},
	{
		name: 'a message held though nobody had taken over',
		column: 'lost',
		given: {
			...CLEAN,
			turns: changed(CLEAN.turns, 0, { outcome: 'held', replyMessageId: null }),
			outbox: without(CLEAN.outbox, 0),
			phone: without(CLEAN.phone, 0),
		},
	},
	{
		name: 'a question that was ignored',
		column: 'lost',
		given: {
			...CLEAN,
			turns: changed(CLEAN.turns, 0, { outcome: 'ignored', replyMessageId: null }),
			outbox: without(CLEAN.outbox, 0),
			phone: without(CLEAN.phone, 0),
		},
	},
	{
		name: 'a handover that does not exist',
		column: 'lost',
		given: { ...CLEAN, turns: changed(CLEAN.turns, 0, { outcome: 'handed_over', reason: 'booking' }) },
	},
	{
		name: 'the same message arriving twice',
		column: 'duplicateReplies',
		given: { ...CLEAN, phone: [...CLEAN.phone, { ...(CLEAN.phone[2] as PhoneMessage), seq: 9 }] },
	},
	{
		name: 'one message answered by two turns',
		column: 'duplicateReplies',
		given: {
			...CLEAN,
			outbox: [...CLEAN.outbox, outbox('t9', 14)],
			phone: [...CLEAN.phone, arrival(9, 'k-t9', 14, { text: 'Стрижка — 5 011 ₸.' })],
		},
	},
	{
		name: 'a reply that overtook an earlier one',
		column: 'orderInversions',
		given: {
			...CLEAN,
			phone: [
				arrival(1, 'k-t2', 12, { text: 'Стрижка — 5 011 ₸.' }),
				CLEAN.phone[1] as PhoneMessage,
				arrival(3, 'k-t1', 13),
			],
		},
	},
	{
		name: 'messages of one turn in the wrong order',
		column: 'orderInversions',
		given: {
			...CLEAN,
			events: changed(changed(CLEAN.events, 1, { turnId: 't1' }), 0, { receivedAt: START + 11_000 }),
			turns: without(CLEAN.turns, 1),
			outbox: without(CLEAN.outbox, 1),
			phone: without(CLEAN.phone, 2),
		},
	},
	{
		name: 'a reply written after a person took over',
		column: 'repliesAfterTakeover',
		given: { ...CLEAN, takeovers: [by('owner', 11)] },
	},
	{
		name: 'a queued reply sent long after a person took over',
		column: 'repliesAfterTakeover',
		given: { ...CLEAN, takeovers: [by('manager', 13)], phone: changed(CLEAN.phone, 2, { at: START + 40_000 }) },
	},
	{
		name: 'a turn that never ended',
		column: 'turnsWithoutOutcome',
		given: {
			...CLEAN,
			turns: changed(CLEAN.turns, 0, { outcome: null, replyMessageId: null }),
			outbox: without(CLEAN.outbox, 0),
			phone: without(CLEAN.phone, 0),
		},
	},
	{
		name: "a manager's act that came to nothing",
		column: 'turnsWithoutOutcome',
		given: { ...CLEAN, turns: [...CLEAN.turns, turn('t8', { kind: 'manager', outcome: null, replyMessageId: null })] },
	},
	{
		name: 'a row whose parent is of another client',
		column: 'foreignRows',
		given: { ...CLEAN, crossedRows: [{ where: 'messages.turn_id', rows: 1 }] },
	},
	{
		name: 'a message stored under another client as well',
		column: 'foreignRows',
		given: { ...CLEAN, events: [...CLEAN.events, event('A', 't3', 0, 'two')] },
	},
	{
		name: "another client's amount in an answer",
		column: 'foreignRows',
		given: {
			...CLEAN,
			phone: changed(CLEAN.phone, 0, { text: 'Маникюр — 8 011 ₸. У нас также за 8 022 ₸.' }),
		},
	},
	{
		name: "another client's name in an answer",
		column: 'foreignRows',
		given: { ...CLEAN, phone: changed(CLEAN.phone, 0, { text: 'Маникюр — 8 011 ₸, улица Онежская.' }) },
	},
	{
		name: 'a reply that another client has written',
		column: 'foreignRows',
		given: { ...CLEAN, outbox: changed(CLEAN.outbox, 0, { client: 'two' }) },
	},
	{
		name: 'a reply to somebody who never wrote to that client',
		column: 'foreignRows',
		given: {
			...CLEAN,
			phone: [...CLEAN.phone, arrival(9, 'k-x', 20, { client: 'two', text: 'Мы открыты до 20:00.' })],
			outbox: [...CLEAN.outbox, outbox('x', 20, { client: 'two', conversationId: 'c2', turnId: null })],
		},
	},
	{
		name: "another client's customer in a managers' group",
		column: 'foreignRows',
		given: { ...CLEAN, group: [{ client: 'two', text: 'Телефон: +7 705 000 00 01' }] },
	},
	{
		name: 'the price of another service than the asked one',
		column: 'wrongAnswers',
		given: { ...CLEAN, phone: changed(CLEAN.phone, 0, { text: 'Стрижка — 5 011 ₸.' }) },
	},
];
test.each(DAMAGE)('$name makes exactly "$column" non-zero', ({ column, given }) => {
	expect(counts(given)).toEqual({ ...ZERO, [column]: 1 });
});

test('every bad column can be made non-zero', () => {
	expect(new Set(DAMAGE.map(({ column }) => column))).toEqual(new Set(BAD_COLUMNS));
});

test('a wrong answer is quoted with the questions of its turn, on one short line', () => {
	const hours = { kind: 'hours', text: 'До скольки вы?', service: null } as const;
	const given: Evidence = {
		...CLEAN,
		written: changed(CLEAN.written, 1, { question: hours }),
		events: changed(CLEAN.events, 1, { turnId: 't1' }),
		turns: without(CLEAN.turns, 1),
		outbox: without(CLEAN.outbox, 1),
		phone: changed(without(CLEAN.phone, 2), 0, { text: `До 21:00.\n\n${'Ждём вас! '.repeat(40)}` }),
	};
	const [finding] = judge(given).bad.wrongAnswers;
	expect(finding).toMatchObject({ rule: 'no asked price in the answer', client: 'one', ids: ['t1'] });
	expect(finding?.words).toMatch(/^Сколько стоит gel\? \/ До скольки вы\? -> До 21:00\. \/ Ждём вас! .*…$/u);
	expect(finding?.words?.length).toBeLessThan(330);
});
