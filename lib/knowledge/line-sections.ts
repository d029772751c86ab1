import type { Section } from './section';
import { SectionBuilder } from './section-builder';

/** A line of a text without marks; more than one cell when it stands in columns. */
export interface TextLine {
	readonly cells: readonly string[];
	/** Level of the heading that the line is, when its size says so; null for ordinary text. */
	readonly headingLevel: number | null;
	/** The line begins a new paragraph. */
	readonly startsParagraph: boolean;
}

const MAX_HEADING_CHARS = 150;
const MAX_ROW_CHARS = 160;
/** Lines of a paragraph of which so many hold a number are a price list: one entry a line. */
const NUMBERED_SHARE = 0.6;
const QUESTION_LEVEL = 9;
const CAPITALS_LEVEL = 8;
const CELL_SEPARATOR = ' — ';

/**
 * Finds structure in lines of text, as PDF and TXT files have them: headings, questions with their answers, lists,
 * price lists and tables.
 */
export function sectionsOfLines(lines: readonly TextLine[]): readonly Section[] {
	const builder = new SectionBuilder();
	for (const paragraph of paragraphsOf(lines)) {
		const [first, ...rest] = paragraph;
		if (first === undefined) continue;
		const level = headingLevelOf(first);
		if (level === null) addBlock(builder, paragraph);
		else {
			builder.heading(level, textOf(first));
			addBlock(builder, rest);
		}
	}
	return builder.finish();
}

/** Lines of a TXT file. An empty line ends a paragraph; tabs and runs of spaces are columns. */
export function linesOfText(text: string): readonly TextLine[] {
	let isAfterGap = true;
	return text
		.replace(/^\uFEFF/u, '')
		.split(/\r\n|[\n\r\u2028\u2029\f]/u)
		.flatMap((line) => {
			if (line.trim() === '') {
				isAfterGap = true;
				return [];
			}
			const cells = line
				.trim()
				.split(/\t+| {3,}/u)
				.map((cell) => cell.trim())
				.filter((cell) => cell !== '');
			const startsParagraph = isAfterGap;
			isAfterGap = false;
			return [{ cells, headingLevel: null, startsParagraph }];
		});
}

/** A heading and a question are paragraphs of their own together with what follows. */
function paragraphsOf(lines: readonly TextLine[]): TextLine[][] {
	const paragraphs: TextLine[][] = [];
	let wasHeading = false;
	for (const line of lines) {
		const isHeading = headingLevelOf(line) !== null;
		const current = paragraphs[paragraphs.length - 1];
		if (current === undefined || isHeading || (line.startsParagraph && !wasHeading)) paragraphs.push([line]);
		else current.push(line);
		wasHeading = isHeading;
	}
	return paragraphs;
}

function headingLevelOf(line: TextLine): number | null {
	const text = textOf(line);
	if (line.cells.length !== 1 || text.length > MAX_HEADING_CHARS) return null;
	if (line.headingLevel !== null) return line.headingLevel;
	if (/^[^.!?]{3,}\?$/u.test(text)) return QUESTION_LEVEL;
	const isCapitals = /\p{Lu}{3}/u.test(text) && text === text.toUpperCase() && !/\p{N}/u.test(text);
	return isCapitals && line.startsParagraph ? CAPITALS_LEVEL : null;
}

function addBlock(builder: SectionBuilder, lines: readonly TextLine[]): void {
	for (const run of runsOf(lines)) {
		const units = run.map(textOf);
		const [first] = run;
		if (first !== undefined && first.cells.length > 1) {
			builder.block({ kind: 'table', units, hasHeader: !/\p{N}/u.test(units[0] ?? '') });
		} else if (isList(units)) {
			builder.block({ kind: 'list', units });
		} else {
			builder.block({ kind: 'text', units: units.length === 0 ? [] : [joinLines(units)] });
		}
	}
}

/** Neighbouring lines that are all in columns, or all not. */
function runsOf(lines: readonly TextLine[]): TextLine[][] {
	const runs: TextLine[][] = [];
	for (const line of lines) {
		const current = runs[runs.length - 1];
		const before = current?.[0];
		if (before !== undefined && current !== undefined && before.cells.length > 1 === line.cells.length > 1)
			current.push(line);
		else runs.push([line]);
	}
	return runs;
}

function isList(units: readonly string[]): boolean {
	if (units.length < 2 || units.some((unit) => unit.length > MAX_ROW_CHARS)) return false;
	if (units.every((unit) => /^(?:[-•*–—·]|\d+[.)])\s/u.test(unit))) return true;
	return units.filter((unit) => /\p{N}/u.test(unit)).length / units.length >= NUMBERED_SHARE;
}

/** Lines of running text; a word divided at the end of a line becomes whole again. */
function joinLines(units: readonly string[]): string {
	return units
		.join('\n')
		.replace(/(?<=\p{Ll})-\n(?=\p{Ll})/gu, '')
		.replaceAll('\n', ' ');
}

function textOf(line: TextLine): string {
	return line.cells.join(CELL_SEPARATOR);
}
