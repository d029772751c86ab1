/** Messages of PostgreSQL's protocol as bytes, for tests. */

const text = (value: string): Buffer => Buffer.from(`${value}\0`);

function message(type: string, ...parts: readonly Buffer[]): Buffer {
	const body = Buffer.concat(parts);
	const length = Buffer.alloc(4);
	length.writeInt32BE(body.length + 4);
	return Buffer.concat([Buffer.from(type), length, body]);
}

function numbers(...values: readonly number[]): Buffer {
	const bytes = Buffer.alloc(4 * values.length);
	values.forEach((value, at) => bytes.writeInt32BE(value, 4 * at));
	return bytes;
}

export const startup = (): Buffer => message('', numbers(196_608), text('user'), text('truffles_app'), text(''));
export const sslRequest = (): Buffer => message('', numbers(80_877_103));
export const cancelRequest = (): Buffer => message('', numbers(80_877_102, 1, 2));
export const query = (sql: string): Buffer => message('Q', text(sql));
export const parse = (name: string, sql: string): Buffer => message('P', text(name), text(sql), Buffer.alloc(2));
export const bind = (name: string): Buffer => message('B', text(''), text(name), Buffer.alloc(6));
export const execute = (): Buffer => message('E', text(''), numbers(0));
export const sync = (): Buffer => message('S');
/** A statement with parameters, as the driver sends it. */
export const extended = (sql: string): Buffer => Buffer.concat([parse('', sql), bind(''), execute(), sync()]);

export const row = (): Buffer => message('D', Buffer.alloc(2));
export const done = (tag: string): Buffer => message('C', text(tag));
export const failure = (): Buffer => message('E', text('SERROR'), text(''));
export const ready = (status: 'I' | 'T' | 'E'): Buffer => message('Z', Buffer.from(status));
