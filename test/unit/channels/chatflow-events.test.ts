import fc from 'fast-check';

import { parseChatflowBody } from '../../../lib/channels/chatflow-events';

const JID = '77015705555@s.whatsapp.net';
const body = (overrides: Record<string, unknown> = {}, metadata: Record<string, unknown> = {}) => ({
	messageType: 'text',
	message: 'Сколько стоит стрижка?',
	metadata: {
		sender: '77015705555',
		timestamp: 1_795_000_000,
		messageId: '3EB0C767D097B7C7C030',
		remoteJid: JID,
		...metadata,
	},
	mediaData: null,
	nodeData: {},
	...overrides,
});

test('a text message keeps its id, its sender and the time of the sender in seconds', () => {
	expect(parseChatflowBody(body())).toEqual({
		ok: true,
		ignored: [],
		events: [
			{
				kind: 'message',
				providerEventId: '3EB0C767D097B7C7C030',
				providerAt: new Date(1_795_000_000_000),
				address: JID,
				displayName: null,
				text: 'Сколько стоит стрижка?',
				attachments: [],
			},
		],
	});
});

const FLAT: ReadonlyArray<{ name: string; flat: Record<string, unknown> }> = [
	{ name: 'jid and msg', flat: { id: 'X1', jid: JID, msg: 'салем' } },
	{ name: 'chatId and text', flat: { messageId: 'X1', chatId: '77015705555@c.us', text: 'салем' } },
	{ name: 'from as a number and body', flat: { msg_id: 'X1', from: '+7 701 570-55-55', body: 'салем' } },
	{ name: 'a device suffix', flat: { id: 'X1', jid: '77015705555:12@s.whatsapp.net', msg: 'салем' } },
];
test.each(FLAT)('the flat variant with $name is the same customer', ({ flat }) => {
	expect(parseChatflowBody(flat)).toMatchObject({
		ok: true,
		events: [{ kind: 'message', providerEventId: 'X1', address: JID, text: 'салем' }],
	});
});

test('a photo keeps its caption and address, and its bytes are not copied into the event', () => {
	const parsed = parseChatflowBody(
		body({
			messageType: 'image',
			message: '',
			mediaData: {
				type: 'image',
				url: 'https://media.example/1',
				base64: 'QUJD',
				mimetype: 'image/jpeg',
				size: 3,
				caption: 'вот такой цвет',
			},
		}),
	);
	expect(parsed).toMatchObject({
		ok: true,
		events: [{ text: '', attachments: [{ kind: 'image', caption: 'вот такой цвет', sizeBytes: 3 }] }],
	});
	expect(JSON.stringify(parsed)).not.toContain('QUJD');
});

test('what the business writes from its own phone is an echo, never a customer message', () => {
	expect(parseChatflowBody(body({}, { fromMe: true }))).toMatchObject({ ok: true, events: [{ kind: 'echo' }] });
});

test('a delivery receipt is a status, never a customer message', () => {
	expect(parseChatflowBody(body({ messageType: 'status', status: 'READ' }))).toMatchObject({
		ok: true,
		events: [{ kind: 'status', status: 'read' }],
	});
});

const IGNORED: ReadonlyArray<{ name: string; value: unknown }> = [
	{ name: 'a group', value: body({}, { remoteJid: '120363025246125486@g.us' }) },
	{ name: 'a status broadcast', value: body({}, { remoteJid: 'status@broadcast' }) },
	{ name: 'an empty message', value: body({ message: '   ' }) },
];
test.each(IGNORED)('$name is accepted and ignored', ({ value }) => {
	expect(parseChatflowBody(value)).toMatchObject({ ok: true, events: [] });
});

test.each([
	null,
	'text',
	7,
	[],
	{},
	{ metadata: {} },
	{ metadata: { remoteJid: JID } },
	{ metadata: { messageId: 'X' } },
])('%j is not a ChatFlow body', (value) => {
	expect(parseChatflowBody(value).ok).toBe(false);
});

test('no JSON whatever makes the parser throw', () => {
	fc.assert(fc.property(fc.jsonValue(), (value) => void parseChatflowBody(value)));
	fc.assert(
		fc.property(
			fc.jsonValue(),
			fc.jsonValue(),
			(metadata, mediaData) => void parseChatflowBody({ metadata, mediaData, jid: JID, id: '1' }),
		),
	);
});
