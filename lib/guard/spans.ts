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

	/** Reads every match as a value; a match for which `read` returns null stays in the text. */
	take<T>(pattern: RegExp, read: (match: RegExpExecArray, text: string) => T | null): Array<Taken<T>> {
		const taken: Array<Taken<T>> = [];
		const global = new RegExp(pattern.source, pattern.flags.includes('g') ? pattern.flags : `${pattern.flags}g`);
		const source = this.current;
		for (let match = global.exec(source); match !== null; match = global.exec(source)) {
			if (match[0] === '') {
				global.lastIndex += 1;
				continue;
			}
			const value = read(match, source);
			if (value === null) continue;
			taken.push({ value, start: match.index });
			this.current =
				this.current.slice(0, match.index) + TAKEN.repeat(match[0].length) + this.current.slice(match.index + match[0].length);
		}
		return taken;
	}
}
