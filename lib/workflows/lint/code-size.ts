import { perNode } from './lint-rule';

const MAX_LINES = 20;
const CODE_PARAMETERS = ['jsCode', 'pythonCode', 'functionCode'] as const;

/** Logic belongs to lib, where it has types and tests. */
export const codeSize = perNode({
	code: 'code-size',
	line: 'A Code node has at most 20 lines: logic belongs to `lib`, where it has types and tests.',
	check: (node, report) => {
		for (const name of CODE_PARAMETERS) {
			const code = node.parameters[name];
			const lines = typeof code === 'string' ? code.trimEnd().split('\n').length : 0;
			if (lines > MAX_LINES) report(`has ${lines} lines of code, at most ${MAX_LINES}; move the logic to lib`);
		}
	},
});
