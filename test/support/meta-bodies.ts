import { createHmac } from 'node:crypto';

export const PHONE_NUMBER_ID = '106540352242922';
const CUSTOMER = '77015705555';

/** One text message of a customer, written just now, in the words of the Cloud API. */
export function metaMessage(id: string, changes: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
	return {
		from: CUSTOMER,
		id,
		timestamp: String(Math.floor(Date.now() / 1000)),
		type: 'text',
		text: { body: 'Сколько стоит маникюр?' },
		...changes,
	};
}

export function metaStatus(
	id: string,
	status: string,
	changes: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> {
	return { id, status, timestamp: '1795000001', recipient_id: CUSTOMER, ...changes };
}

/** One change of the field `messages` for our business number. */
export function metaChange(value: Readonly<Record<string, unknown>>, field = 'messages'): Record<string, unknown> {
	return {
		field,
		value: {
			messaging_product: 'whatsapp',
			metadata: { display_phone_number: '77010000000', phone_number_id: PHONE_NUMBER_ID },
			...value,
		},
	};
}

/** A whole body with one entry. */
export function metaBody(...changes: readonly unknown[]): Record<string, unknown> {
	return { object: 'whatsapp_business_account', entry: [{ id: '102290129340398', changes }] };
}

/** The header X-Hub-Signature-256 for these bytes. */
export function metaSignature(body: string | Buffer, appSecret: string): string {
	return `sha256=${createHmac('sha256', appSecret).update(body).digest('hex')}`;
}
