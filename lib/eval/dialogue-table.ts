/** Conversations written as Markdown tables, one heading per conversation, one row per message. For people, not programs. */
import MarkdownIt from 'markdown-it';

import type { OutcomeKind } from '../item/turn-item';

export interface DialogueRow {
	/** Line of the file, from 1. */
	readonly line: number;
	readonly kind: 'customer' | 'manager' | 'resolve';
	/** What the customer or the manager says; empty for `resolve`. */
	readonly says: string;
	/** All must occur in the reply; each is a list of alternatives of which one is enough. */
	readonly contains: readonly (readonly string[])[];
	/** None of these may occur. */
	readonly lacks: readonly string[];
	/** Outcomes that are right; empty: any. */
	readonly outcomes: readonly OutcomeKind[];
}

export interface Dialogue {
	readonly file: string;
	readonly title: string;
	readonly rows: readonly DialogueRow[];
}

export type ParsedDialogues =
	| { readonly ok: true; readonly dialogues: readonly Dialogue[] }
	| { readonly ok: false; readonly problems: readonly string[] };

const OUTCOMES: Readonly<Record<string, OutcomeKind>> = {
	ответ: 'answered',
	answered: 'answered',
	жауап: 'answered',
	менеджер: 'handed_over',
	handed_over: 'handed_over',
	удержано: 'held',
	held: 'held',
	'без ответа': 'ignored',
	ignored: 'ignored',
};
const MANAGER = /^\[(?:менеджер|manager)\]\s*/iu;
const RESOLVE = /^\[(?:решено|шешілді|resolved)\]\s*$/iu;
const COLUMNS = 4;

const markdown = new MarkdownIt();

/**
 * Reads one file. Columns in this order: customer writes | reply contains | reply does not contain | outcome.
 *
 * Phrases in a cell are separated by `;` and must all occur; ` / ` separates alternatives of one phrase. A first cell that begins
 * with `[менеджер]` is a manager's message, `[решено]` the manager's button.
 *
 * @returns every problem with file and line
 */
export function parseDialogues(text: string, file: string): ParsedDialogues {
	const dialogues: Dialogue[] = [];
	const problems: string[] = [];
	const titles = new Set<string>();
	for (const { title, line, cells } of tableRows(text)) {
		const at = `${file}:${line}`;
		if (title === null) {
			problems.push(`${at}: this table stands under no "##" heading; give the conversation a name`);
			continue;
		}
		const current = dialogues.at(-1);
		const rows: DialogueRow[] = current?.title === title ? [...current.rows] : [];
		if (current?.title !== title) {
			if (titles.has(title)) problems.push(`${at}: there are two conversations called "${title}"`);
			titles.add(title);
		} else dialogues.pop();
		const read = readRow(cells, line);
		if ('problem' in read) problems.push(`${at}: ${read.problem}`);
		else rows.push(read.row);
		dialogues.push({ file, title, rows });
	}
	if (dialogues.length === 0 && problems.length === 0) problems.push(`${file}: holds no table`);
	return problems.length > 0 ? { ok: false, problems } : { ok: true, dialogues };
}

interface TableRow {
	readonly title: string | null;
	readonly line: number;
	readonly cells: readonly string[];
}

function tableRows(text: string): TableRow[] {
	const rows: TableRow[] = [];
	let title: string | null = null;
	let cells: string[] | null = null;
	let inBody = false;
	let line = 0;
	const tokens = markdown.parse(text, {});
	tokens.forEach((token, index) => {
		if (token.type === 'heading_open') title = token.tag === 'h2' ? (tokens[index + 1]?.content ?? '').trim() : null;
		else if (token.type === 'tbody_open') inBody = true;
		else if (token.type === 'tbody_close') inBody = false;
		else if (token.type === 'tr_open') {
			cells = [];
			line = (token.map?.[0] ?? 0) + 1;
		} else if (token.type === 'td_open')
			cells?.push((tokens[index + 1]?.content ?? '').replace(/<br\s*\/?>/giu, '\n').trim());
		else if (token.type === 'tr_close' && inBody && cells !== null) rows.push({ title, line, cells });
	});
	return rows;
}

function readRow(cells: readonly string[], line: number): { readonly row: DialogueRow } | { readonly problem: string } {
	if (cells.length < COLUMNS) return { problem: `the row has ${cells.length} cells instead of ${COLUMNS}` };
	const [said = '', contains = '', lacks = '', outcome = ''] = cells;
	if (said === '') return { problem: 'the first cell is empty: what does the customer write?' };
	if (RESOLVE.test(said)) return { row: { line, kind: 'resolve', says: '', contains: [], lacks: [], outcomes: [] } };
	const names = outcome.split('/').map((name) => name.trim().toLowerCase());
	const unknown = names.filter((name) => name !== '' && OUTCOMES[name] === undefined);
	if (unknown.length > 0)
		return {
			problem: `the outcome "${unknown.join(', ')}" is unknown; write one of ${Object.keys(OUTCOMES).join(', ')} (several with " / ")`,
		};
	const isManager = MANAGER.test(said);
	return {
		row: {
			line,
			kind: isManager ? 'manager' : 'customer',
			says: said.replace(MANAGER, ''),
			contains: phrases(contains).map((phrase) =>
				phrase
					.split(/\s+\/\s+/u)
					.map((part) => part.trim())
					.filter((part) => part !== ''),
			),
			lacks: phrases(lacks),
			outcomes: names.flatMap((name) => OUTCOMES[name] ?? []),
		},
	};
}

function phrases(cell: string): readonly string[] {
	return cell
		.split(';')
		.map((phrase) => phrase.trim())
		.filter((phrase) => phrase !== '' && phrase !== '-' && phrase !== '—');
}

/** What came back for one row. */
export interface DialogueReply {
	readonly outcome: string;
	/** Null: nothing was said. */
	readonly reply: string | null;
}

/** What is wrong with a reply; empty when it is as the row says. Case, kinds of spaces and of dashes do not count. */
export function dialogueProblems(row: DialogueRow, { outcome, reply }: DialogueReply): readonly string[] {
	const said = plain(reply ?? '');
	const has = (phrase: string): boolean => occurs(said, plain(phrase));
	return [
		...(row.outcomes.length === 0 || (row.outcomes as readonly string[]).includes(outcome)
			? []
			: [`outcome ${outcome} instead of ${row.outcomes.join(' or ')}`]),
		...row.contains
			.filter((alternatives) => !alternatives.some(has))
			.map((alternatives) => `does not contain "${alternatives.join('" or "')}"`),
		...row.lacks.filter(has).map((phrase) => `contains "${phrase}"`),
		...(outcome === 'held' && reply !== null ? ['something was said although a manager is active'] : []),
	];
}

/** A phrase that begins or ends with a digit is not found inside a longer number. */
function occurs(text: string, phrase: string): boolean {
	for (let at = text.indexOf(phrase); at >= 0; at = text.indexOf(phrase, at + 1)) {
		const joined = /\d$/u.test(text.slice(0, at)) && /^\d/u.test(phrase);
		const goesOn = /\d$/u.test(phrase) && /^\d/u.test(text.slice(at + phrase.length));
		if (!joined && !goesOn) return true;
	}
	return false;
}

function plain(text: string): string {
	return text
		.toLowerCase()
		.replace(/ё/gu, 'е')
		.replace(/[‐-―−]/gu, '-')
		.replace(/\s+/gu, ' ')
		.replace(/(?<=\d) (?=\d{3}(?!\d))/gu, '');
}
