import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { formatWorkflow, INSTANCE_KEYS, withoutInstanceKeys } from '../../../lib/workflows/format-workflow';
import { findLosses } from '../../../lib/workflows/json-losses';

const WORKFLOWS = join(__dirname, '..', '..', '..', 'workflows');

/** Any JSON, as it comes out of a file: without -0 and undefined, with keys like "__proto__". */
const anyJson = fc.json({ maxDepth: 3 }).map((text) => JSON.parse(text) as unknown);
const keyName = fc.oneof(
	fc.string(),
	fc.constantFrom('__proto__', 'constructor', 'hasOwnProperty', '1', 'Ответ', 'нода 😀'),
);
const anyNode = fc.dictionary(
	fc.oneof(fc.constantFrom('id', 'name', 'type', 'parameters', 'notes', 'onError', 'credentials'), keyName),
	anyJson,
);
const targets = fc.array(fc.record({ node: fc.string(), type: fc.constant('main'), index: fc.nat(3) }));
const anyWorkflow = fc
	.record(
		{
			settings: fc.oneof(fc.dictionary(keyName, anyJson), anyJson),
			versionId: fc.string(),
			nodes: fc.oneof(fc.array(anyNode), fc.array(anyJson), anyJson),
			connections: fc.dictionary(keyName, fc.record({ main: fc.array(fc.option(targets)) })),
			futureKey: anyJson,
			name: fc.string(),
			active: fc.boolean(),
			pinData: anyJson,
		},
		{ requiredKeys: [] },
	)
	.map((workflow) => JSON.parse(JSON.stringify(workflow)) as Record<string, unknown>);

/** The same value with sorted keys, so that only what is lost or changed differs. */
function sorted(value: unknown): unknown {
	if (Array.isArray(value)) return value.map(sorted);
	if (typeof value !== 'object' || value === null) return value;
	return Object.entries(value)
		.sort(([a], [b]) => (a < b ? -1 : 1))
		.map(([key, entry]) => [key, sorted(entry)]);
}

test('loses nothing, whatever a workflow holds', () => {
	fc.assert(
		fc.property(anyWorkflow, (workflow) => {
			expect(sorted(JSON.parse(formatWorkflow(workflow)))).toEqual(sorted({ active: false, ...workflow }));
		}),
		{ numRuns: 300 },
	);
});

test('a second formatting changes nothing', () => {
	fc.assert(
		fc.property(fc.oneof(anyWorkflow, anyJson), (workflow) => {
			const once = formatWorkflow(workflow);
			expect(formatWorkflow(JSON.parse(once))).toBe(once);
		}),
		{ numRuns: 300 },
	);
});

test('the order of keys in the input does not matter outside parameters and unknown keys', () => {
	const nodes = [{ zeta: 1, name: 'B', id: 'i' }, { name: 'A' }];
	const text = formatWorkflow({
		settings: { zeta: 1, executionOrder: 'v1' },
		nodes,
		connections: { A: {}, B: {} },
		name: 'N',
		active: true,
	});
	const expected = {
		name: 'N',
		active: true,
		nodes: [{ id: 'i', name: 'B', zeta: 1 }, { name: 'A' }],
		connections: { B: {}, A: {} },
		settings: { executionOrder: 'v1', zeta: 1 },
	};
	expect(text).toBe(`${JSON.stringify(expected, null, 2)}\n`);
});

test('lines end with LF and the file with one newline', () => {
	const text = formatWorkflow(JSON.parse('{\r\n  "name": "N",\r\n  "nodes": []\r\n}'));
	expect(text).not.toContain('\r');
	expect(text.endsWith('}\n')).toBe(true);
});

test('every committed workflow and example is formatted', () => {
	const names = readdirSync(WORKFLOWS, { recursive: true, encoding: 'utf8' }).filter(
		(name) => name.endsWith('.json') && JSON.parse(readFileSync(join(WORKFLOWS, name), 'utf8')).nodes !== undefined,
	);
	expect(names.length).toBeGreaterThan(15);
	const unformatted = names.filter((name) => {
		const text = readFileSync(join(WORKFLOWS, name), 'utf8');
		return formatWorkflow(JSON.parse(text)) !== text || findLosses(text).length > 0;
	});
	expect(unformatted).toEqual([]);
});

describe('an export', () => {
	const exported = {
		name: 'N',
		active: true,
		...Object.fromEntries(INSTANCE_KEYS.map((key) => [key, 'x'])),
		meta: { instanceId: 'i', templateId: 't' },
		nodes: [{ id: 'a', credentials: { postgres: { id: '1', name: 'Reports' } }, future: 1 }],
		futureKey: { id: 'kept' },
	};

	test('loses what belongs to its instance, and nothing else', () => {
		expect(withoutInstanceKeys(exported)).toEqual({
			name: 'N',
			active: false,
			meta: { templateId: 't' },
			nodes: [{ id: 'a', credentials: { postgres: { name: 'Reports' } }, future: 1 }],
			futureKey: { id: 'kept' },
		});
	});

	test('that is stripped twice stays as it is', () => {
		const once = withoutInstanceKeys(exported);
		expect(withoutInstanceKeys(once)).toEqual(once);
	});
});

describe('what reading a text would lose', () => {
	const cases = [
		{
			name: 'nothing',
			text: '{"a": {"a": 1}, "b": [{"a": 1}, {"a": "\\"a\\": {"}], "c": -1.50e3, "d": 0.1}',
			losses: 0,
		},
		{ name: 'a key that occurs twice', text: '{"nodes": [{"id": "a", "name": "b", "id": "c"}]}', losses: 1 },
		{ name: 'a key behind an inner object', text: '{"a": {"b": 1}, "a": 2}', losses: 1 },
		{ name: 'an id with too many digits', text: '{"chat": 12345678901234567891}', losses: 1 },
		{ name: 'a number beyond all bounds', text: '{"n": 1e999}', losses: 1 },
		{ name: 'no number of thirteen digits', text: '{"chat": -1001234567890}', losses: 0 },
		{ name: 'no digits inside a text', text: '{"text": "12345678901234567891"}', losses: 0 },
	];
	test.each(cases)('is $name', ({ text, losses }) => {
		expect(findLosses(text)).toHaveLength(losses);
	});

	test('is nothing in whatever JSON.stringify writes', () => {
		fc.assert(
			fc.property(anyJson, (value) => {
				expect(findLosses(JSON.stringify(value, null, 2))).toEqual([]);
			}),
		);
	});
});
