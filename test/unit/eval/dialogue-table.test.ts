import { dialogueProblems, parseDialogues, type DialogueRow } from '../../../lib/eval/dialogue-table';

const HEAD = '| клиент пишет | ответ содержит | ответ не содержит | итог |\n|---|---|---|---|\n';

function rowsOf(markdown: string): readonly DialogueRow[] {
	const parsed = parseDialogues(markdown, 'a.md');
	if (!parsed.ok) throw new Error(parsed.problems.join('\n'));
	return parsed.dialogues.flatMap(({ rows }) => rows);
}

describe('a table of a conversation', () => {
	test('phrases are parted by ";", alternatives by " / ", outcomes by "/"', () => {
		const [row] = rowsOf(`## Цена\n${HEAD}| Сколько? | 5 000; от / начиная | скидка; даром | ответ / менеджер |\n`);
		expect(row).toEqual({
			line: 4,
			kind: 'customer',
			says: 'Сколько?',
			contains: [['5 000'], ['от', 'начиная']],
			lacks: ['скидка', 'даром'],
			outcomes: ['answered', 'handed_over'],
		});
	});

	test('managers and their button have rows of their own', () => {
		const rows = rowsOf(`## Менеджер\n${HEAD}| [менеджер] Слушаю вас | | | |\n| [решено] | | | |\n`);
		expect(rows.map(({ kind, says }) => [kind, says])).toEqual([
			['manager', 'Слушаю вас'],
			['resolve', ''],
		]);
	});

	test('a line break in a cell is written <br>', () => {
		expect(rowsOf(`## Серия\n${HEAD}| Здравствуйте<br>где вы? | | | |\n`)[0]?.says).toBe('Здравствуйте\nгде вы?');
	});

	const WRONG: ReadonlyArray<{ name: string; text: string; problem: RegExp }> = [
		{
			name: 'an outcome nobody knows',
			text: `## А\n${HEAD}| Да | | | ок |\n`,
			problem: /a\.md:4: the outcome "ок" is unknown/,
		},
		{
			name: 'a missing column',
			text: `## А\n| клиент пишет | итог |\n|---|---|\n| Да | ответ |\n`,
			problem: /a\.md:4: the row has 2 cells/,
		},
		{
			name: 'a table without a name',
			text: `${HEAD}| Да | | | ответ |\n`,
			problem: /a\.md:3: this table stands under no/,
		},
		{
			name: 'two conversations of one name',
			text: `## А\n${HEAD}| Да | | | |\n\n## Б\n${HEAD}| Да | | | |\n\n## А\n${HEAD}| Да | | | |\n`,
			problem: /two conversations called "А"/,
		},
		{ name: 'a file without tables', text: '# Просто текст\n', problem: /holds no table/ },
	];
	test.each(WRONG)('$name is a problem with its place', ({ text, problem }) => {
		const parsed = parseDialogues(text, 'a.md');
		expect(parsed.ok).toBe(false);
		if (!parsed.ok) expect(parsed.problems.join('\n')).toMatch(problem);
	});
});

describe('judging a reply', () => {
	const row: DialogueRow = {
		line: 1,
		kind: 'customer',
		says: 'Сколько?',
		contains: [['5 000'], ['ещё', 'также']],
		lacks: ['скидка'],
		outcomes: ['answered'],
	};
	const CASES: ReadonlyArray<{ name: string; reply: string | null; outcome: string; problems: readonly RegExp[] }> = [
		{
			name: 'kinds of spaces and ё do not count',
			reply: 'Стоит 5 000 ₸. Еще есть SPA',
			outcome: 'answered',
			problems: [],
		},
		{
			name: 'an amount inside a larger one is not that amount',
			reply: 'Стоит 15 0001 ₸, также',
			outcome: 'answered',
			problems: [/5 000/],
		},
		{
			name: 'a missing phrase is named with its alternatives',
			reply: '5 000',
			outcome: 'answered',
			problems: [/"ещё" or "также"/],
		},
		{
			name: 'a forbidden phrase is named',
			reply: '5000, также СКИДКА',
			outcome: 'answered',
			problems: [/contains "скидка"/],
		},
		{
			name: 'another outcome is named',
			reply: '5000, также',
			outcome: 'handed_over',
			problems: [/outcome handed_over instead of answered/],
		},
		{ name: 'silence contains nothing', reply: null, outcome: 'answered', problems: [/5 000/, /ещё/] },
	];
	test.each(CASES)('$name', ({ reply, outcome, problems }) => {
		const found = dialogueProblems(row, { outcome, reply });
		expect(found).toHaveLength(problems.length);
		problems.forEach((problem, index) => expect(found[index]).toMatch(problem));
	});
	test('speech over an active manager is a problem whatever it says', () => {
		expect(
			dialogueProblems({ ...row, contains: [], outcomes: ['held'] }, { outcome: 'held', reply: 'Здравствуйте' }),
		).toHaveLength(1);
	});
});
