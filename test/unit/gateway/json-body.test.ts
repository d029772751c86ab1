import fc from 'fast-check';

import { MAX_BODY_DEPTH, parseJsonBody } from '../../../lib/gateway/json-body';

const nested = (depth: number) => Buffer.from('['.repeat(depth) + ']'.repeat(depth));

test('any JSON comes back as it was', () => {
	fc.assert(
		fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
			const text = JSON.stringify(value);
			expect(parseJsonBody(Buffer.from(text))).toEqual({ ok: true, value: JSON.parse(text) as unknown });
		}),
	);
});

test('the deepest allowed body is read, the next one is not', () => {
	expect(parseJsonBody(nested(MAX_BODY_DEPTH)).ok).toBe(true);
	expect(parseJsonBody(nested(MAX_BODY_DEPTH + 2)).ok).toBe(false);
});

test('a body of a million levels is refused without running out of stack', () => {
	expect(parseJsonBody(nested(1_000_000)).ok).toBe(false);
	expect(parseJsonBody(Buffer.from('{"a":'.repeat(500_000) + '1' + '}'.repeat(500_000))).ok).toBe(false);
});

test('a long array is no deep one', () => {
	expect(parseJsonBody(Buffer.from(`[${'0,'.repeat(500_000)}0]`)).ok).toBe(true);
});

test.each(['', '{', 'undefined', '{"a":1}}', "{'a':1}", '\u{feff}x'])('%j is not JSON', (text) => {
	expect(parseJsonBody(Buffer.from(text))).toEqual({ ok: false, problem: 'it is not JSON in UTF-8' });
});

test('bytes that are no UTF-8 are not JSON', () => {
	expect(parseJsonBody(Buffer.from([0x22, 0xff, 0x22])).ok).toBe(false);
});
