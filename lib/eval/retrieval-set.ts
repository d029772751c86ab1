/** Reading of retrieval test sets: documents, queries and judgements as public collections keep them. */

export interface SetText {
	readonly id: string;
	readonly title: string | null;
	readonly text: string;
}

export interface ParsedJudgements {
	/** query id -> document id -> degree */
	readonly byQuery: ReadonlyMap<string, ReadonlyMap<string, number>>;
	/** Lines that cannot be read, with their numbers. */
	readonly problems: readonly string[];
}

const MAX_PROBLEMS = 20;
const TREC_COLUMNS = 4;

/** One line of corpus.jsonl or queries.jsonl: `id` (also `_id`, also a number), `text`, and `title` if it likes. */
export function readSetText(value: unknown): { readonly row: SetText } | { readonly problem: string } {
	if (typeof value !== 'object' || value === null || Array.isArray(value)) return { problem: 'is no JSON object' };
	const row = value as Readonly<Record<string, unknown>>;
	const id = row['id'] ?? row['_id'];
	if (typeof id !== 'string' && typeof id !== 'number') return { problem: '"id" must be a text or a number' };
	const text = row['text'];
	if (typeof text !== 'string') return { problem: '"text" must be a text' };
	const title = row['title'] ?? null;
	if (title !== null && typeof title !== 'string') return { problem: '"title" must be a text' };
	return { row: { id: String(id), title: title === null || title.trim() === '' ? null : title, text } };
}

/**
 * Reads judgements: `query<TAB>document<TAB>degree`, also TREC's four columns with an iteration in the second place, also
 * with spaces; a header line is skipped. Of two judgements of one pair the higher one counts.
 *
 * @param name of the file, for messages
 */
export function parseJudgements(text: string, name: string): ParsedJudgements {
	const byQuery = new Map<string, Map<string, number>>();
	const problems: string[] = [];
	let isFirst = true;
	text
		.replace(/^\uFEFF/u, '')
		.split(/\r?\n/u)
		.forEach((line, index) => {
			if (line.trim() === '') return;
			const wasFirst = isFirst;
			isFirst = false;
			const columns = columnsOf(line);
			const [query, document] = columns.length >= TREC_COLUMNS ? [columns[0], columns[2]] : columns;
			const degree = Number(columns[columns.length - 1]);
			if (query === undefined || document === undefined || columns.length < 3 || !Number.isFinite(degree)) {
				if (!wasFirst) problems.push(`${name}:${index + 1}: three columns are expected: query, document, degree`);
				return;
			}
			const judged = byQuery.get(query) ?? new Map<string, number>();
			judged.set(document, Math.max(degree, judged.get(document) ?? degree));
			byQuery.set(query, judged);
		});
	if (byQuery.size === 0 && problems.length === 0) problems.push(`${name}: holds no judgements`);
	return { byQuery, problems: problems.slice(0, MAX_PROBLEMS) };
}

function columnsOf(line: string): readonly string[] {
	const tabbed = line.split('\t').map((column) => column.trim());
	return tabbed.length >= 3 ? tabbed : line.trim().split(/\s+/u);
}
