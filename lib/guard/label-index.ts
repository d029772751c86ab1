import { contentWords, sameWord } from './content-words';
import { sentencesOf } from './plain-text';
import type { Label } from './quantity-labels';

/** Finds the quantities whose labels hold given words. */
export class LabelIndex<T> {
	private readonly entriesOf = new Map<string, Label<T>[]>();

	constructor(entries: readonly Label<T>[]) {
		for (const entry of entries) {
			for (const word of new Set([...entry.own, ...entry.inherited, ...entry.after])) {
				const known = this.entriesOf.get(word);
				if (known === undefined) this.entriesOf.set(word, [entry]);
				else known.push(entry);
			}
		}
	}

	/** Those of the words that some label of the sources holds. */
	known(words: readonly string[]): string[] {
		return [...new Set(words)].filter((word) => this.holders(word).size > 0);
	}

	/**
	 * Entries that hold all the words; when none does, those that hold nothing else, else those with the most telling ones.
	 *
	 * @param isStrict only entries that hold all the words
	 */
	candidates(words: readonly string[], isStrict = false): readonly Label<T>[] {
		const scores = new Map<Label<T>, number>();
		let all = 0;
		for (const word of words) {
			const holders = this.holders(word);
			const weight = 1 / Math.max(1, holders.size);
			all += weight;
			for (const entry of holders) scores.set(entry, (scores.get(entry) ?? 0) + weight);
		}
		for (const entry of [...scores.keys()]) {
			if (scores.size > 1 && hasOtherNumbers(entry, words)) scores.delete(entry);
		}
		const holding = (least: number): Array<Label<T>> =>
			[...scores].filter(([, score]) => score >= least - ROUNDING).map(([entry]) => entry);
		const whole = holding(all);
		if (whole.length > 0 || isStrict) return whole;
		// "вакцинация собаки" where the list says "вакцинация кошки 9 500, собаки 11 000".
		const covered = [...scores.keys()].filter((entry) =>
			entry.own.every((word) => words.some((other) => sameWord(word, other))),
		);
		return covered.length > 0 ? covered : holding(Math.max(0, ...scores.values()));
	}

	private holders(word: string): Set<Label<T>> {
		const found = new Set(this.entriesOf.get(word) ?? []);
		if (found.size > 0) return found;
		for (const [other, entries] of this.entriesOf) {
			if (sameWord(word, other)) for (const entry of entries) found.add(entry);
		}
		return found;
	}
}

/** "Анталия 10 ночей" is not what "7 ночей" are the price of. */
function hasOtherNumbers({ own }: Label<unknown>, words: readonly string[]): boolean {
	const isNumber = (word: string): boolean => /^\d+$/u.test(word);
	const wanted = words.filter(isNumber);
	const numbers = own.filter(isNumber);
	return wanted.length > 0 && numbers.length > 0 && !numbers.some((number) => wanted.includes(number));
}

const ROUNDING = 1e-9;

/** Remembers which service was named last, for amounts that stand alone. */
export class LastNamed<T> {
	private last: readonly string[];
	private read = 0;

	/** @param text the draft without its quantities */
	constructor(
		private readonly words: LabelIndex<T>,
		customer: string,
		private readonly text: string,
	) {
		this.last = words.known(contentWords(customer).folded);
	}

	/** The readings of a label: words before the amount, words after it; empty when it names nothing that is known. */
	namedBy(label: Label<T>): ReadonlyArray<readonly string[]> {
		const ahead = this.words.known([...label.own, ...label.inherited]);
		const after = this.words.known(label.after);
		const own = [ahead, after].filter((part) => part.length > 0);
		if (own.length > 0) {
			this.last = own[0] ?? [];
			this.read = label.start;
			return own;
		}
		if (label.hasOwnWords || label.after.length > 0) return [];
		const before = this.namedIn(this.text.slice(this.read, label.start));
		this.read = label.start;
		if (before.length > 0) this.last = before;
		return this.last.length === 0 ? [] : [this.last];
	}

	/** The last sentence that names anything known. */
	private namedIn(passage: string): readonly string[] {
		for (const sentence of sentencesOf(passage).reverse()) {
			const known = this.words.known(contentWords(sentence).folded);
			if (known.length > 0) return known;
		}
		return [];
	}
}

/** True when a source speaks of these words around the amount, in whatever order: enough to be unsure, so it passes. */
export function mentions({ own, inherited, after, tail }: Label<unknown>, words: readonly string[]): boolean {
	const around = [...own, ...inherited, ...after, ...tail];
	return words.every((word) => around.some((other) => sameWord(word, other)));
}
