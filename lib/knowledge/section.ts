/** A block that may only be cut between its units: sentences of a text, items of a list, rows of a table. */
export interface Block {
	readonly kind: 'text' | 'list' | 'table';
	readonly units: readonly string[];
	/** Of a table: its first row names the columns, and is repeated when the table is cut. Absent means true. */
	readonly hasHeader?: boolean;
}

/** The text under one heading; `headings` is the path to it, outermost first. */
export interface Section {
	readonly headings: readonly string[];
	readonly blocks: readonly Block[];
}

/** Joins a heading path for people and for search; null when there is none. */
export function headingPath(headings: readonly string[]): string | null {
	return headings.length === 0 ? null : headings.join(' › ');
}
