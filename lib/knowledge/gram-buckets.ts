import { GRAM_LETTERS } from './search-terms';

/**
 * Which words of a vocabulary hold a gram, as hash buckets in typed arrays: made in a fraction of the time that a map of
 * strings takes. A bucket may hold words of other grams with the same hash; {@link wordsWith} leaves them out.
 */
export class GramBuckets {
	private readonly mask: number;
	/** Words of bucket `b` are at `starts[b]` .. `starts[b + 1]`. */
	private readonly starts: Uint32Array;
	private readonly wordIds: Uint32Array;

	constructor(private readonly words: readonly string[]) {
		const buckets = 2 ** Math.ceil(Math.log2(Math.max(2, words.length)));
		this.mask = buckets - 1;
		this.starts = new Uint32Array(buckets + 1);
		let total = 0;
		for (const word of words) {
			eachHash(word, (hash) => {
				const bucket = (hash & this.mask) + 1;
				this.starts[bucket] = (this.starts[bucket] ?? 0) + 1;
				total += 1;
			});
		}
		for (let bucket = 0; bucket < buckets; bucket += 1) {
			this.starts[bucket + 1] = (this.starts[bucket + 1] ?? 0) + (this.starts[bucket] ?? 0);
		}
		const next = this.starts.slice();
		this.wordIds = new Uint32Array(total);
		words.forEach((word, id) => {
			eachHash(word, (hash) => {
				const bucket = hash & this.mask;
				const slot = next[bucket] ?? 0;
				next[bucket] = slot + 1;
				this.wordIds[slot] = id;
			});
		});
	}

	/** Ids of the words that hold the gram, each once, in order. */
	wordsWith(gram: string): readonly number[] {
		const bucket = hashAt(gram, 0, gram.length) & this.mask;
		const end = this.starts[bucket + 1] ?? 0;
		const found: number[] = [];
		let last = -1;
		for (let at = this.starts[bucket] ?? 0; at < end; at += 1) {
			const id = this.wordIds[at] ?? 0;
			if (id === last) continue;
			last = id;
			if (` ${this.words[id] ?? ''} `.includes(gram)) found.push(id);
		}
		return found;
	}
}

/** Number of grams of a word. */
export function gramCount(word: string): number {
	return Math.max(1, word.length + 3 - GRAM_LETTERS);
}

function eachHash(word: string, visit: (hash: number) => void): void {
	const padded = ` ${word} `;
	const length = Math.min(padded.length, GRAM_LETTERS);
	for (let start = 0; start + length <= padded.length; start += 1) visit(hashAt(padded, start, length));
}

function hashAt(text: string, start: number, length: number): number {
	let hash = 0;
	for (let at = start; at < start + length; at += 1) hash = (Math.imul(hash, 0x9e3779b1) ^ text.charCodeAt(at)) >>> 0;
	return (hash ^ (hash >>> 15)) >>> 0;
}
