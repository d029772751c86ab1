/** Lines of JSON as data sets have them: one object per line, empty lines are skipped. */

export type ParsedLines<T> =
	{ readonly ok: true; readonly rows: readonly T[] } | { readonly ok: false; readonly problems: readonly string[] };

const MAX_PROBLEMS = 20;

/**
 * Reads a whole JSON-lines text.
 *
 * @param name     of the file, for messages
 * @param readRow  turns one parsed line into a row, or says what is wrong with it
 * @returns all problems together (the first twenty), each with file and line
 */
export function parseJsonLines<T>(
	text: string,
	name: string,
	readRow: (value: unknown) => { readonly row: T } | { readonly problem: string },
): ParsedLines<T> {
	const rows: T[] = [];
	const problems: string[] = [];
	text
		.replace(/^\uFEFF/u, '')
		.split(/\r?\n/u)
		.forEach((line, index) => {
			if (line.trim() === '') return;
			let value: unknown;
			try {
				value = JSON.parse(line);
			} catch {
				problems.push(`${name}:${index + 1}: is no JSON object`);
				return;
			}
			const read = readRow(value);
			if ('problem' in read) problems.push(`${name}:${index + 1}: ${read.problem}`);
			else rows.push(read.row);
		});
	if (problems.length === 0 && rows.length === 0) problems.push(`${name}: holds no lines`);
	return problems.length === 0 ? { ok: true, rows } : { ok: false, problems: problems.slice(0, MAX_PROBLEMS) };
}
