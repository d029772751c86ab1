import { isCancelRequest, NO_ENCRYPTION, PgMessageReader, readTexts } from '../../../scripts/chaos/world/pg-messages';
import { cancelRequest, parse, query, ready, sslRequest, startup } from './pg-bytes';

const types = (messages: ReturnType<PgMessageReader['push']>): string =>
	messages.map(({ type }) => type || '-').join('');

test('a message that arrives byte by byte is one message, and is given when its last byte is there', () => {
	const reader = new PgMessageReader('client');
	const bytes = Buffer.concat([startup(), query('select 1')]);
	const found = [...bytes].map((_byte, at) => types(reader.push(bytes.subarray(at, at + 1))));
	expect(found.filter((text) => text !== '')).toEqual(['-', 'Q']);
	expect(found.at(-1)).toBe('Q');
});

test('however the bytes are cut, the same messages come out whole', () => {
	const bytes = Buffer.concat([startup(), parse('', 'select $1::text'), query('сәлем 👋'), query('')]);
	for (let first = 0; first <= bytes.length; first += 1) {
		for (const second of [first, Math.min(first + 3, bytes.length), bytes.length]) {
			const reader = new PgMessageReader('client');
			const messages = [
				...reader.push(bytes.subarray(0, first)),
				...reader.push(bytes.subarray(first, second)),
				...reader.push(bytes.subarray(second)),
			];
			expect(types(messages)).toBe('-PQQ');
			expect(Buffer.concat(messages.map((message) => message.bytes))).toEqual(bytes);
		}
	}
});

test('a body of megabytes in many chunks is one message', () => {
	const reader = new PgMessageReader('client');
	const bytes = Buffer.concat([startup(), query('x'.repeat(5_000_000)), query('select 1')]);
	const messages = [];
	for (let at = 0; at < bytes.length; at += 65_536) messages.push(...reader.push(bytes.subarray(at, at + 65_536)));
	expect(types(messages)).toBe('-QQ');
	expect(messages[1]?.bytes.length).toBe(5_000_000 + 6);
});

test('a client that asks for encryption begins anew; one that cancels says nothing more', () => {
	const reader = new PgMessageReader('client');
	expect(types(reader.push(Buffer.concat([sslRequest(), startup(), query('select 1')])))).toBe('--Q');
	const [message] = new PgMessageReader('client').push(cancelRequest());
	expect(message !== undefined && isCancelRequest(message)).toBe(true);
	expect(NO_ENCRYPTION.toString()).toBe('N');
});

test('a server has typed messages from the beginning', () => {
	expect(types(new PgMessageReader('server').push(Buffer.concat([ready('I'), ready('T')])))).toBe('ZZ');
});

test('bytes that are not this protocol are an error and not an endless wait', () => {
	expect(() => new PgMessageReader('server').push(Buffer.from([81, 0, 0, 0, 1, 0]))).toThrow(RangeError);
});

test('texts are read up to their zero byte, in any script', () => {
	const [, message] = new PgMessageReader('client').push(Buffer.concat([startup(), parse('имя', 'select қ')]));
	expect(message !== undefined && readTexts(message, 2)).toEqual(['имя', 'select қ']);
});
