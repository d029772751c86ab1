import fc from 'fast-check';

import { callbackData, parseTelegramManagerUpdate } from '../../../lib/channels/telegram-manager-events';

const HANDOVER = '0b8e1f3a-0b1c-4d2e-9f30-112233445566';
const from = { id: 5, is_bot: false, first_name: 'Айгуль', last_name: 'С.' };

test("the data of a button fits Telegram's 64 bytes and comes back as it was", () => {
	const data = callbackData('resolve', HANDOVER);
	expect(Buffer.byteLength(data)).toBeLessThanOrEqual(64);
	const parsed = parseTelegramManagerUpdate({
		update_id: 9,
		callback_query: { id: 'c1', from, data, message: { message_id: 44, chat: { id: -1001 } } },
	});
	expect(parsed).toMatchObject({
		ok: true,
		events: [
			{
				kind: 'manager_action',
				action: 'resolve',
				handoverId: HANDOVER,
				chatId: '-1001',
				noticeMessageId: '44',
				managerName: 'Айгуль С.',
				providerEventId: 'update:9',
			},
		],
	});
});

test('a reply to a message is for the customer; words between managers are not', () => {
	const message = { message_id: 50, date: 1_795_000_000, chat: { id: -1001 }, from, text: 'есть время в 15:00' };
	expect(
		parseTelegramManagerUpdate({ update_id: 1, message: { ...message, reply_to_message: { message_id: 44 } } }),
	).toMatchObject({
		ok: true,
		events: [{ kind: 'manager_message', inReplyTo: '44', text: 'есть время в 15:00' }],
	});
	expect(parseTelegramManagerUpdate({ update_id: 1, message })).toEqual({
		ok: true,
		events: [],
		ignored: ['not_a_reply'],
	});
});

test('what a bot writes in the group is never relayed: no loops', () => {
	const message = {
		message_id: 50,
		chat: { id: -1001 },
		from: { ...from, is_bot: true },
		text: 'x',
		reply_to_message: { message_id: 44 },
	};
	expect(parseTelegramManagerUpdate({ update_id: 1, message })).toMatchObject({ ok: true, events: [] });
});

test.each(['take:1', 'pay:0b8e1f3a-0b1c-4d2e-9f30-112233445566', '', `take:${HANDOVER}; drop table`])(
	'the foreign button %j is ignored',
	(data) => {
		const update = {
			update_id: 2,
			callback_query: { id: 'c1', from, data, message: { message_id: 1, chat: { id: -1001 } } },
		};
		expect(parseTelegramManagerUpdate(update)).toMatchObject({ ok: true, events: [] });
	},
);

test('an update without an id is not an update', () => {
	expect(parseTelegramManagerUpdate({ message: {} }).ok).toBe(false);
});

test('no JSON whatever makes the parser throw', () => {
	fc.assert(
		fc.property(
			fc.jsonValue(),
			fc.jsonValue(),
			(message, query) => void parseTelegramManagerUpdate({ update_id: 1, message, callback_query: query }),
		),
	);
});
