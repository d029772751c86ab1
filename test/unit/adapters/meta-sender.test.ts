import { FetchHttp } from '../../../lib/adapters/fetch-http';
import { openWhatsappSender } from '../../../lib/adapters/whatsapp-sender';
import { parseMetaBody } from '../../../lib/channels/meta-events';
import type { ChannelSender, OutgoingText, SendResult } from '../../../lib/ports/channel-sender';
import type { WhatsappProvider } from '../../../lib/tenant/channel-settings';
import { type HttpRecorder, startHttpRecorder } from '../../support/http-recorder';
import { metaBody, metaChange, metaMessage } from '../../support/meta-bodies';

let recorder: HttpRecorder;
let answer: { status: number; json: unknown };

beforeEach(async () => {
	answer = { status: 200, json: { messaging_product: 'whatsapp', messages: [{ id: 'wamid.out' }] } };
	recorder = await startHttpRecorder(() => answer);
});
afterEach(async () => {
	await recorder.close();
});

const sender = async (provider: WhatsappProvider = 'meta'): Promise<ChannelSender> =>
	await openWhatsappSender(
		new FetchHttp(),
		'salon',
		{ provider, baseUrl: `${recorder.url}/v23.0/`, instanceId: '106540352242922' },
		async () => 'the-token',
	);
const TEXT: OutgoingText = {
	address: '77015705555@s.whatsapp.net',
	text: 'Стрижка — 8 000 ₸.\nЗапишем?',
	idempotencyKey: 'key-1',
	timeoutMs: 2_000,
};
const sent = () => JSON.parse(recorder.requests[0]?.body ?? 'null') as Record<string, unknown>;

test('a text goes to the number of the customer, with our own key to be given back', async () => {
	expect(await (await sender()).sendText(TEXT)).toEqual({ kind: 'sent', providerMessageId: 'wamid.out' });
	expect(recorder.requests[0]).toMatchObject({
		method: 'POST',
		path: '/v23.0/106540352242922/messages',
		headers: { authorization: 'Bearer the-token' },
	});
	expect(sent()).toEqual({
		messaging_product: 'whatsapp',
		recipient_type: 'individual',
		to: '77015705555',
		type: 'text',
		text: { body: TEXT.text, preview_url: false },
		biz_opaque_callback_data: 'key-1',
	});
});

test('360dialog gets the same body at its own address with its own key', async () => {
	await (await sender('360dialog')).sendText(TEXT);
	expect(recorder.requests[0]).toMatchObject({ path: '/v23.0/messages', headers: { 'd360-api-key': 'the-token' } });
	expect(recorder.requests[0]?.headers.authorization).toBeUndefined();
});

test('whoever wrote without a phone is answered by the id that came with the message', async () => {
	const parsed = parseMetaBody(
		metaBody(metaChange({ messages: [metaMessage('w', { from: undefined, from_user_id: 'KZ.77' })] })),
		null,
	);
	const event = parsed.ok ? parsed.events[0] : undefined;
	await (await sender()).sendText({ ...TEXT, address: event?.kind === 'message' ? event.address : '' });
	expect(sent()).toMatchObject({ recipient: 'KZ.77' });
	expect(sent()).not.toHaveProperty('to');
});

test('a template carries the text as its one parameter, in one line', async () => {
	await (await sender()).sendTemplate?.({ ...TEXT, template: 'late_reply', language: 'kk' });
	expect(sent()).toMatchObject({
		type: 'template',
		template: {
			name: 'late_reply',
			language: { code: 'kk' },
			components: [{ type: 'body', parameters: [{ type: 'text', text: 'Стрижка — 8 000 ₸. Запишем?' }] }],
		},
	});
});

const REFUSALS: ReadonlyArray<{ name: string; status: number; code?: number; expected: Partial<SendResult> }> = [
	{ name: 'too many messages', status: 400, code: 130_429, expected: { code: 'meta_130429', retryable: true } },
	{
		name: 'too fast to one person',
		status: 400,
		code: 131_056,
		expected: { code: 'meta_131056', retryable: true, retryAfterMs: 6_000 },
	},
	{ name: 'outside the window', status: 400, code: 131_047, expected: { code: 'meta_131047', retryable: false } },
	{ name: 'nobody has this number', status: 400, code: 131_026, expected: { code: 'meta_131026', retryable: false } },
	{ name: 'an expired token', status: 401, code: 190, expected: { code: 'meta_190', retryable: false } },
	{ name: "Meta's own trouble", status: 500, code: 131_000, expected: { code: 'meta_131000', retryable: true } },
	{ name: 'a gateway before Meta', status: 502, expected: { code: 'http_502', retryable: true } },
	{ name: 'an answer without a code', status: 403, expected: { code: 'http_403', retryable: false } },
];
test.each(REFUSALS)('$name is refused: $expected', async ({ status, code, expected }) => {
	answer = { status, json: code === undefined ? 'oops' : { error: { code, message: 'for people', type: 'X' } } };
	expect(await (await sender()).sendText(TEXT)).toMatchObject({ kind: 'refused', ...expected });
});

test('a 200 without an id is sent, and its states are found by our key', async () => {
	answer = { status: 200, json: {} };
	expect(await (await sender()).sendText(TEXT)).toEqual({ kind: 'sent', providerMessageId: null });
});

test('no answer is not a refusal', async () => {
	await recorder.close();
	expect(await (await sender()).sendText(TEXT)).toMatchObject({ kind: 'unreachable', code: 'connection' });
});

test('without its token a provider cannot be used', async () => {
	const settings = { provider: 'meta', baseUrl: recorder.url, instanceId: '1' } as const;
	await expect(openWhatsappSender(new FetchHttp(), 'salon', settings, async () => null)).rejects.toMatchObject({
		code: 'TRF_SECRET_MISSING',
		details: { client: 'salon', secret: 'whatsapp_access_token' },
	});
});
