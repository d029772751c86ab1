import words from './spelled-numbers.json';

const VALUES: ReadonlyMap<string, number> = new Map(Object.entries(words.values));
const MULTIPLIERS: ReadonlyMap<string, number> = new Map(Object.entries(words.multipliers));

const WORD = /(?<![\p{L}\p{N}])\p{L}+(?![\p{L}\p{N}])/gu;

/** A number written in words, with the place where it starts and ends in the text. */
export interface SpelledNumber {
	readonly value: number;
	readonly start: number;
	readonly end: number;
}

/**
 * Finds numbers of a thousand and more written in Russian or Kazakh words ("восемь тысяч пятьсот", "сегіз мың").
 * Smaller ones ("два мастера") are left alone: they are seldom prices.
 */
export function findSpelledNumbers(text: string): SpelledNumber[] {
	const found: SpelledNumber[] = [];
	let run: Array<{ word: string; start: number; end: number }> = [];
	const close = (): void => {
		const value = readNumber(run.map(({ word }) => word));
		const first = run[0];
		const last = run.at(-1);
		if (value !== null && value >= 1000 && first !== undefined && last !== undefined) {
			found.push({ value, start: first.start, end: last.end });
		}
		run = [];
	};
	for (const match of text.toLowerCase().matchAll(WORD)) {
		const word = match[0];
		const start = match.index;
		const known = VALUES.has(word) || MULTIPLIERS.has(word);
		const previous = run.at(-1);
		if (
			run.length > 0 &&
			(!known || (previous !== undefined && !/^[ \u00a0]+$/u.test(text.slice(previous.end, start))))
		)
			close();
		if (known) run.push({ word, start, end: start + word.length });
	}
	close();
	return found;
}

function readNumber(run: readonly string[]): number | null {
	if (run.length === 0) return null;
	let total = 0;
	let group = 0;
	for (const word of run) {
		const multiplier = MULTIPLIERS.get(word);
		if (multiplier === undefined) {
			const value = VALUES.get(word) ?? 0;
			// Kazakh counts hundreds: "бес жүз" is 5 × 100, "жүз" alone is 100.
			group = value === 100 && group > 0 && group < 10 ? group * 100 : group + value;
		} else {
			total += Math.round((group === 0 ? 1 : group) * multiplier);
			group = 0;
		}
	}
	return total + group;
}
