import fc from 'fast-check';

import type { InboundEvent } from '../../../lib/channels/inbound-event';
import { parseMetaBody } from '../../../lib/channels/meta-events';
import { metaBody, metaChange, metaMessage, metaStatus, PHONE_NUMBER_ID } from '../../support/meta-bodies';

const JID = '77015705555@s.whatsapp.net';

function eventsOf(body: unknown): readonly InboundEvent[] {
	const parsed = parseMetaBody(body, PHONE_NUMBER_ID);
	if (!parsed.ok) throw new Error(parsed.problem);
	return parsed.events;
}

const said = (changes: Readonly<Record<string, unknown>>) =>
	eventsOf(metaBody(metaChange({ messages: [metaMessage('wamid.1', changes)] })))[0];

test('a text message keeps id, time, name and words, and the jid that the other gateways use', () => {
	const contacts = [
		{ profile: { name: 'Другая' }, wa_id: '77770000000' },
		{ profile: { name: 'Айнұр' }, wa_id: '77015705555' },
	];
	const message = metaMessage('wamid.1', { timestamp: '1795000000' });
	expect(eventsOf(metaBody(metaChange({ contacts, messages: [message] })))).toEqual([
		{
			kind: 'message',
			providerEventId: 'wamid.1',
			providerAt: new Date(1_795_000_000_000),
			address: JID,
			displayName: 'Айнұр',
			text: 'Сколько стоит маникюр?',
			attachments: [],
			source: message,
		},
	]);
});

test('every entry, every change and every message of a body is read', () => {
	const change = (a: string, b: string) => metaChange({ messages: [metaMessage(a), metaMessage(b)] });
	const body = {
		object: 'whatsapp_business_account',
		entry: [
			{ id: '1', changes: [change('a', 'b'), change('c', 'd')] },
			{ id: '2', changes: [change('e', 'f')] },
		],
	};
	expect(eventsOf(body).map((event) => event.providerEventId)).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
});

const SAID: ReadonlyArray<{ name: string; message: Record<string, unknown>; expected: Record<string, unknown> }> = [
	{
		name: 'the words on a pressed template button',
		message: { type: 'button', text: undefined, button: { text: 'Записаться', payload: 'BOOK' } },
		expected: { text: 'Записаться', attachments: [] },
	},
	{
		name: 'the words on a pressed reply button',
		message: {
			type: 'interactive',
			text: undefined,
			interactive: { type: 'button_reply', button_reply: { id: '1', title: 'Да' } },
		},
		expected: { text: 'Да', attachments: [] },
	},
	{
		name: 'the chosen row of a list',
		message: {
			type: 'interactive',
			text: undefined,
			interactive: { type: 'list_reply', list_reply: { id: '7', title: 'Маникюр', description: '8 000 ₸' } },
		},
		expected: { text: 'Маникюр', attachments: [] },
	},
	{
		name: 'a picture with its caption',
		message: {
			type: 'image',
			text: undefined,
			image: { id: '27', mime_type: 'image/jpeg', sha256: 'x', caption: 'вот такой' },
		},
		expected: {
			text: '',
			attachments: [
				{
					kind: 'image',
					mimeType: 'image/jpeg',
					fileName: null,
					sizeBytes: null,
					url: 'meta-media:27',
					caption: 'вот такой',
				},
			],
		},
	},
	{
		name: 'a voice message',
		message: { type: 'audio', text: undefined, audio: { id: '28', mime_type: 'audio/ogg; codecs=opus', voice: true } },
		expected: { attachments: [{ kind: 'audio', url: 'meta-media:28' }] },
	},
	{
		name: 'a video',
		message: { type: 'video', text: undefined, video: { id: '29', mime_type: 'video/mp4' } },
		expected: { attachments: [{ kind: 'video' }] },
	},
	{
		name: 'a document with its name',
		message: { type: 'document', text: undefined, document: { id: '30', filename: 'чек.pdf' } },
		expected: { attachments: [{ kind: 'document', fileName: 'чек.pdf' }] },
	},
	{
		name: 'a sticker as a picture',
		message: { type: 'sticker', text: undefined, sticker: { id: '31', mime_type: 'image/webp' } },
		expected: { attachments: [{ kind: 'image' }] },
	},
	{
		name: 'a place',
		message: {
			type: 'location',
			text: undefined,
			location: { latitude: 43.238, longitude: 76.945, name: 'Дом', address: 'Абая 1' },
		},
		expected: { attachments: [{ kind: 'location', url: 'geo:43.238,76.945', caption: 'Дом, Абая 1' }] },
	},
	{
		name: "a contact by name, without the other person's number",
		message: {
			type: 'contacts',
			text: undefined,
			contacts: [{ name: { formatted_name: 'Мастер Лола' }, phones: [{ phone: '+77021112233' }] }],
		},
		expected: { text: '', attachments: [{ kind: 'contact', caption: 'Мастер Лола' }] },
	},
	{
		name: 'an order as something to read by a person',
		message: { type: 'order', text: undefined, order: { catalog_id: '1', product_items: [] } },
		expected: { text: '', attachments: [{ kind: 'other' }] },
	},
	{
		name: "what Meta does not support: it also stands for a customer's first message after an ad",
		message: { type: 'unsupported', text: undefined, errors: [{ code: 131051, title: 'Message type unknown' }] },
		expected: { text: '', attachments: [{ kind: 'other' }] },
	},
	{
		name: 'a type that does not exist yet',
		message: { type: 'hologram', text: undefined, hologram: { id: '1' } },
		expected: { attachments: [{ kind: 'other' }] },
	},
];
test.each(SAID)('a customer says $name', ({ message, expected }) => {
	expect(said(message)).toMatchObject({ kind: 'message', address: JID, ...expected });
});

test('somebody without a phone is addressed by the business-scoped id, and has a name by it', () => {
	const contacts = [{ profile: { name: 'Мария' }, user_id: 'KZ.13491208655302741918' }];
	const messages = [metaMessage('wamid.1', { from: undefined, from_user_id: 'KZ.13491208655302741918' })];
	expect(eventsOf(metaBody(metaChange({ contacts, messages })))[0]).toMatchObject({
		kind: 'message',
		address: 'bsuid:KZ.13491208655302741918',
		displayName: 'Мария',
	});
});

test('somebody with both keeps the phone as the address', () => {
	expect(said({ from_user_id: 'KZ.1' })).toMatchObject({ address: JID });
});

const IGNORED: ReadonlyArray<{ name: string; message: Record<string, unknown>; reason: string }> = [
	{
		name: 'a reaction',
		message: { type: 'reaction', text: undefined, reaction: { message_id: 'wamid.0', emoji: '👍' } },
		reason: 'reaction',
	},
	{
		name: 'a changed number',
		message: { type: 'system', text: undefined, system: { type: 'user_changed_number', body: 'x' } },
		reason: 'system_message',
	},
	{ name: 'an edited message', message: { type: 'edit', edit: {} }, reason: 'edited_message' },
	{ name: 'a deleted message', message: { type: 'revoke', text: undefined }, reason: 'deleted_message' },
	{ name: 'a message in a group', message: { group_id: 'g1' }, reason: 'group' },
	{ name: 'a text without words', message: { text: { body: ' ' } }, reason: 'empty_message' },
	{ name: 'a message of nobody', message: { from: undefined }, reason: 'message_without_sender' },
];
test.each(IGNORED)('$name is stored with the reason "$reason" and answered by nobody', ({ message, reason }) => {
	expect(said(message)).toMatchObject({ kind: 'ignored', reason, providerEventId: 'wamid.1' });
});

const STATES: ReadonlyArray<{ word: string; status: string }> = [
	{ word: 'sent', status: 'sent' },
	{ word: 'delivered', status: 'delivered' },
	{ word: 'read', status: 'read' },
	{ word: 'played', status: 'read' },
	{ word: 'failed', status: 'failed' },
];
test.each(STATES)('the state "$word" of a sent message is "$status"', ({ word, status }) => {
	expect(eventsOf(metaBody(metaChange({ statuses: [metaStatus('wamid.9', word)] })))).toMatchObject([
		{ kind: 'status', providerEventId: `status:wamid.9:${status}`, messageId: 'wamid.9', status },
	]);
});

test('a failure keeps its code, and our own key when it comes back', () => {
	const status = metaStatus('wamid.9', 'failed', {
		errors: [{ code: 131_047, title: 'Re-engagement message' }],
		biz_opaque_callback_data: 'key-1',
	});
	expect(eventsOf(metaBody(metaChange({ statuses: [status] })))).toMatchObject([
		{ status: 'failed', errorCode: '131047', idempotencyKey: 'key-1' },
	]);
});

test.each([
	[null],
	['x'],
	[7],
	[[]],
	[{}],
	[{ id: 'wamid.9' }],
	[{ id: 'wamid.9', status: 'teleported' }],
	[{ status: 'read' }],
])('a state of the shape %j costs no message beside it', (status) => {
	const events = eventsOf(metaBody(metaChange({ statuses: [status], messages: [metaMessage('wamid.1')] })));
	expect(events.map((event) => event.kind).sort()).toEqual(['ignored', 'message']);
});

describe('what the business writes from its own phone', () => {
	const echo = (changes: Record<string, unknown> = {}, field = 'smb_message_echoes') =>
		eventsOf(
			metaBody(
				metaChange(
					{ message_echoes: [metaMessage('wamid.5', { from: '77010000000', to: '77015705555', ...changes })] },
					field,
				),
			),
		)[0];

	test.each(['smb_message_echoes', 'message_echoes', 'messages'])('is an echo to the customer (field %s)', (field) => {
		expect(echo({}, field)).toMatchObject({ kind: 'echo', providerEventId: 'wamid.5', address: JID });
	});

	test('is an echo also as a picture', () => {
		expect(echo({ type: 'image', text: undefined, image: { id: '1', caption: 'прайс' } })).toMatchObject({
			kind: 'echo',
			text: 'прайс',
		});
	});

	test('to somebody without a phone is an echo too', () => {
		expect(echo({ to: undefined, to_user_id: 'KZ.1' })).toMatchObject({ kind: 'echo', address: 'bsuid:KZ.1' });
	});

	test('and takes back is ignored', () => {
		expect(echo({ type: 'revoke', text: undefined })).toMatchObject({
			kind: 'ignored',
			reason: 'echo_deleted_message',
		});
	});
});

test('what belongs to another business number is ignored and not kept', () => {
	const body = metaBody({
		field: 'messages',
		value: { metadata: { phone_number_id: '999' }, messages: [metaMessage('wamid.1')] },
	});
	expect(eventsOf(body)).toEqual([
		{ kind: 'ignored', providerEventId: null, providerAt: null, reason: 'other_number', source: null },
	]);
	expect(parseMetaBody(body, null)).toMatchObject({ events: [{ kind: 'message' }] });
});

const FIELDS = ['history', 'smb_app_state_sync', 'account_update', 'message_template_status_update'];
test.each(FIELDS)('of the field %s only the fact is kept', (field) => {
	expect(eventsOf(metaBody(metaChange({ history: [metaMessage('old')] }, field)))).toEqual([
		{ kind: 'ignored', providerEventId: null, providerAt: null, reason: `field_${field}`, source: null },
	]);
});

test('the reason never holds text of the body', () => {
	expect(eventsOf(metaBody(metaChange({}, 'Позвоните +77015705555')))).toMatchObject([{ reason: 'field_unknown' }]);
});

const SHAPES: ReadonlyArray<{ body: unknown; reason: string }> = [
	{ body: null, reason: 'body_unknown' },
	{ body: [1, 2], reason: 'body_unknown' },
	{ body: 'text', reason: 'body_unknown' },
	{ body: {}, reason: 'body_unknown' },
	{ body: { entry: {} }, reason: 'body_unknown' },
	{ body: { entry: [7] }, reason: 'entry_unknown' },
	{ body: { entry: [{ changes: [] }] }, reason: 'entry_unknown' },
	{ body: metaBody(null), reason: 'change_unknown' },
	{ body: metaBody({ field: 'messages' }), reason: 'change_unknown' },
	{ body: metaBody(metaChange({})), reason: 'change_empty' },
	{ body: metaBody(metaChange({ messages: [null] })), reason: 'message_without_id' },
	{ body: metaBody(metaChange({ message_echoes: ['x'] })), reason: 'echo_unknown' },
	{ body: metaBody(metaChange({ errors: [{ code: 131031 }] })), reason: 'account_error' },
];
test.each(SHAPES)('$body is kept as ignored: $reason', ({ body, reason }) => {
	expect(eventsOf(body)).toMatchObject([{ kind: 'ignored', reason }]);
});

test('no JSON whatever makes the parser throw or lose a message beside it', () => {
	const value = fc.jsonValue({ maxDepth: 4 });
	fc.assert(
		fc.property(value, value, value, value, (a, b, c, d) => {
			void parseMetaBody(a, PHONE_NUMBER_ID);
			const beside = { statuses: a, message_echoes: b, errors: c, contacts: d, messages: [a, metaMessage('mine'), b] };
			const ids = eventsOf(metaBody(a, metaChange(beside), b)).map((event) => event.providerEventId);
			expect(ids).toContain('mine');
		}),
	);
});
