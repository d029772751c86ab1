/**
 * Text from which recognised pieces are taken out one kind after another, so that a phone number is not read again
 * as amounts. A taken piece becomes a run of `\u0001` of the same length: positions stay, words do not join.
 */
export const TAKEN = '\u0001';

/** A value read from a text, with the place where it stood. */
export interface Found<T> {
	readonly value: T;
	readonly start: number;
	readonly end: number;
}

export class Spans {
	constructor(private current: string) {}

	get text(): string {
		return this.current;
	}

	/** Reads every match as a value; one for which `read` returns null stays in the text. The pattern must be global. */
	take<T>(pattern: RegExp, read: (match: RegExpExecArray, text: string) => T | null): Array<Found<T>> {
		const found: Array<Found<T>> = [];
		const source = this.current;
		const pieces: string[] = [];
		let copied = 0;
		// `matchAll` steps over empty matches by whole code points; a loop of `exec` with lastIndex + 1 never leaves an emoji.
		for (const match of source.matchAll(pattern)) {
			if (match[0] === '') continue;
			const value = read(match, source);
			if (value === null) continue;
			const end = match.index + match[0].length;
			found.push({ value, start: match.index, end });
			pieces.push(source.slice(copied, match.index), TAKEN.repeat(match[0].length));
			copied = end;
		}
		if (found.length > 0) this.current = pieces.join('') + source.slice(copied);
		return found;
	}
}
