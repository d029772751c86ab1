import { classifyIntent } from '../../../lib/classify/classify-intent';
import { describeAttachments } from '../../../lib/item/attachment-text';
import { previousReplyLanguage } from '../../../lib/item/previous-language';
import { buildTextItem } from '../../../lib/item/text-item';
import type { BillingCall, HistoryEntry, TurnItem } from '../../../lib/item/turn-item';
import { claimsToBeTurnItem, parseTurnItem } from '../../../lib/item/turn-item-schema';
import { addBillingCalls, addNotes, requestHandover } from '../../../lib/item/turn-item-updates';

const text = 'Сколько стоит маникюр?';
const item: TurnItem = buildTextItem({
	text,
	businessName: 'Салон',
	timeZone: 'Asia/Almaty',
	defaultLanguage: 'ru',
	isFirstTurn: false,
	classification: classifyIntent({
		text,
		history: [],
		attachments: [],
		pack: null,
		domain: null,
		previousLanguage: null,
		defaultLanguage: 'ru',
	}),
	retrieval: null,
	now: new Date('2026-11-21T05:00:00Z'),
});
const call: BillingCall = {
	id: 'c1',
	provider: 'openai',
	model: 'm',
	purpose: 'reply',
	status: 'ok',
	errorCode: null,
	inputTokens: 1,
	cachedInputTokens: 0,
	cacheWriteTokens: 0,
	outputTokens: 1,
	reasoningTokens: 0,
	tier: null,
	costUsd: '0.000001000',
	latencyMs: 5,
};

test('what our own code builds is a standard item, also after a trip through JSON', () => {
	const travelled: unknown = JSON.parse(JSON.stringify({ ...item, billing: [call], somethingOfTheUser: 1 }));
	const parsed = parseTurnItem(travelled);
	expect(parsed).toMatchObject({ ok: true, item: { somethingOfTheUser: 1 } });
});

const broken = [
	{ name: 'a missing part', change: { turn: undefined }, names: "'turn'" },
	{ name: 'a number where the id stands', change: { client: { ...item.client, id: 5 } }, names: '/client/id' },
	{
		name: 'an unknown intent',
		change: { classification: { ...item.classification, intents: ['dance'] } },
		names: '/classification/intents/0',
	},
	{ name: 'a cost that is a float', change: { billing: [{ ...call, costUsd: 0.1 }] }, names: '/billing/0/costUsd' },
	{ name: 'a time without a date', change: { turn: { ...item.turn, receivedAt: '10:00' } }, names: '/turn/receivedAt' },
];
for (const { name, change, names } of broken) {
	test(`${name} is refused and its place is named, without the customer's words`, () => {
		const parsed = parseTurnItem({ ...item, ...change });
		expect(parsed.ok).toBe(false);
		expect(parsed).toMatchObject({ problem: expect.stringContaining(names) });
		expect(JSON.stringify(parsed)).not.toContain(text);
	});
}

for (const value of [null, undefined, 'text', [], { schema: 'truffles.turn/2' }]) {
	test(`${JSON.stringify(value) ?? 'undefined'} is no standard item`, () => {
		expect(parseTurnItem(value).ok).toBe(false);
		expect(claimsToBeTurnItem(value)).toBe(false);
	});
}

test('the first reason for a handover wins and the draft is dropped', () => {
	const first = requestHandover(
		{ ...item, reply: { text: 'x', language: 'ru', source: 'model', facts: [], guard: null, rewrites: 0 } },
		'guard_refused',
	);
	expect(first).toMatchObject({ reply: null, handover: { reason: 'guard_refused', id: null, notified: false } });
	expect(requestHandover(first, 'no_answer').handover?.reason).toBe('guard_refused');
});

test('a call already on the bill and a note already there are not added again', () => {
	const once = addNotes(addBillingCalls(item, [call]), ['n', 'n']);
	expect(addNotes(addBillingCalls(once, [call]), ['n'])).toBe(once);
	expect([once.billing.length, once.notes]).toEqual([1, ['n']]);
});

test('a caption that the text already holds is not repeated', () => {
	const image = {
		kind: 'image',
		mimeType: null,
		fileName: null,
		sizeBytes: null,
		url: null,
		caption: 'френч',
	} as const;
	expect(describeAttachments('хочу френч', [image, image]).text).toBe('хочу френч');
	expect(describeAttachments('', [{ ...image, caption: null }])).toEqual({
		text: '',
		notes: ['image not read: no caption'],
	});
});

test('the language of the last reply is that of the bot, not of a manager or the customer', () => {
	const said = (author: HistoryEntry['author'], words: string): HistoryEntry => ({
		author,
		text: words,
		at: '2026-11-21T05:00:00Z',
	});
	const history = [
		said('bot', 'Мекенжайымыз: Алматы қаласы'),
		said('manager', 'Добрый день, слушаю вас'),
		said('user', 'Спасибо большое'),
	];
	expect(previousReplyLanguage(history)).toBe('kk');
	expect(previousReplyLanguage(history.slice(1))).toBeNull();
});
