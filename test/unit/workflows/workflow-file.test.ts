import { parseWorkflowFile } from '../../../lib/workflows/workflow-file';

describe('reading a file', () => {
	const good = { name: '1_A', active: false, nodes: [], connections: {}, settings: {} };
	const shapes = [
		{ name: 'broken JSON', text: '{', says: ['not JSON'] },
		{ name: 'an array', text: '[]', says: ['one JSON object'] },
		{
			name: 'a name that is not the file stem',
			text: JSON.stringify({ ...good, name: '2_B' }),
			says: ['must be "1_A"'],
		},
		{
			name: 'several problems, all at once',
			text: JSON.stringify({ ...good, nodes: [{ name: 'x', position: [1] }], settings: 1 }),
			says: ['settings', 'nodes[0] (x).id', 'nodes[0] (x).type ', 'typeVersion', 'position', 'parameters'],
		},
		{
			name: 'connections of a wrong shape',
			text: JSON.stringify({ ...good, connections: { a: { main: [[{ node: 1 }]] } } }),
			says: ['connections of "a"'],
		},
		{
			name: 'a credential without a name',
			text: JSON.stringify({
				...good,
				nodes: [
					{
						id: 'i',
						name: 'x',
						type: 't',
						typeVersion: 1,
						position: [0, 0],
						parameters: {},
						credentials: { a: { id: '1' } },
					},
				],
			}),
			says: ['credentials must be'],
		},
	];
	for (const { name, text, says } of shapes) {
		test(`${name} is refused`, () => {
			const parsed = parseWorkflowFile('1_A.json', text);
			const messages = parsed.ok ? '' : parsed.problems.map((problem) => problem.message).join('\n');
			for (const part of says) expect(messages).toContain(part);
		});
	}

	test('an output that was never connected (null) and unknown keys are accepted', () => {
		expect(
			parseWorkflowFile('1_A.json', JSON.stringify({ ...good, connections: { a: { main: [null, []] } }, futureKey: 1 }))
				.ok,
		).toBe(true);
	});
});
