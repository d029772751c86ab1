import { readFileSync } from 'node:fs';
import path from 'node:path';
import { RULE_LINES } from '../../../lib/workflows/lint/lint-workflows';

const page = readFileSync(path.resolve(__dirname, '../../../docs/workflow-rules.md'), 'utf8');

test('docs/workflow-rules.md has the line of every rule, as --explain prints it', () => {
	const rows = RULE_LINES.map(
		({ code, line, isFinal }) => `| \`${code}\` | ${line}${isFinal ? ' *Cannot be silenced.*' : ''} |`,
	);
	const shown = /<!-- rules:begin -->\n([\s\S]*?)\n<!-- rules:end -->/.exec(page)?.[1];
	expect(shown?.split('\n')).toEqual(['| code | what must be so |', '|---|---|', ...rows]);
});

test('a code is a word that never means two rules', () => {
	const codes = RULE_LINES.map((rule) => rule.code);
	expect(new Set(codes).size).toBe(codes.length);
	expect(codes.filter((code) => !/^[a-z]+(-[a-z]+)*$/.test(code))).toEqual([]);
});
