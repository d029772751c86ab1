/**
 * Text from which recognised pieces are taken out one kind after another, so that a phone number is not read again
 * as amounts. A taken piece becomes a run of `\u0001` of the same length: positions stay, words do not join.
 */
const TAKEN = '\u0001';

export interface Taken<T> {
	readonly value: T;
	readonly start: number;
}

export class Spans {
	constructor(private current: string) {}

	get text(): string {
		return this.current;
	}

	/** Reads every match as a value; one for which `read` returns null stays in the text. The pattern must be global. */
	take<T>(pattern: RegExp, read: (match: RegExpExecArray, text: string) => T | null): Array<Taken<T>> {
		const taken: Array<Taken<T>> = [];
		const source = this.current;
		// `matchAll` steps over empty matches by whole code points; a loop of `exec` with lastIndex + 1 never leaves an emoji.
		for (const match of source.matchAll(pattern)) {
			if (match[0] === '') continue;
			const value = read(match, source);
			if (value === null) continue;
			taken.push({ value, start: match.index });
			this.current =
				this.current.slice(0, match.index) +
				TAKEN.repeat(match[0].length) +
				this.current.slice(match.index + match[0].length);
		}
		return taken;
	}
}
