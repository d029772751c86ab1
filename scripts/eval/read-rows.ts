import { readFileSync } from 'node:fs';
import path from 'node:path';

import { parseJsonLines } from '../../lib/eval/json-lines';
import { EvalProblem } from './eval-problem';

/** Text of a file; an {@link EvalProblem} says why it cannot be read. */
export function readText(file: string): string {
	try {
		return readFileSync(file, 'utf8');
	} catch (error) {
		throw new EvalProblem(
			`${file} cannot be read: ${error instanceof Error && 'code' in error ? String(error.code) : String(error)}. Give the path of a file, seen from ${process.cwd()}.`,
		);
	}
}

/** Rows of a JSON-lines file; an {@link EvalProblem} lists every line that is wrong. */
export function readRows<T>(
	file: string,
	readRow: (value: unknown) => { readonly row: T } | { readonly problem: string },
): readonly T[] {
	const parsed = parseJsonLines(readText(file), path.basename(file), readRow);
	if (!parsed.ok) throw new EvalProblem(parsed.problems.join('\n'));
	return parsed.rows;
}
