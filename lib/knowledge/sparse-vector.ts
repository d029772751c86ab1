import type { SparseVector } from '../ports/vector-store';
import { queryTerms } from './query-terms';
import { gramsOfWord, indexWords } from './search-terms';
import { buildSynonyms, type Synonyms } from './synonyms';

const K1 = 1.2;
const B = 0.75;
const TITLE_WEIGHT = 2;
/** Grams of an average chunk; Qdrant adds the inverse document frequency itself, the length norm is ours. */
const AVERAGE_GRAMS = 400;
const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

const NO_SYNONYMS = buildSynonyms([]);

/** Sparse BM25 vector of a chunk: the term-frequency part; Qdrant's `idf` modifier gives the rest. */
export function chunkSparseVector(title: string | null, text: string): SparseVector {
	const counts = new Map<number, number>();
	let length = 0;
	const add = (part: string, weight: number): void => {
		for (const word of indexWords(part)) {
			for (const gram of gramsOfWord(word)) {
				const index = fnv1a(gram);
				counts.set(index, (counts.get(index) ?? 0) + weight);
				length += weight;
			}
		}
	};
	add(text, 1);
	if (title !== null) add(title, TITLE_WEIGHT);
	const norm = K1 * (1 - B + (B * length) / AVERAGE_GRAMS);
	return toVector(counts, (count) => (count * (K1 + 1)) / (count + norm));
}

/** Sparse vector of a query, weighted as in the lexical index; of several words with one gram the heaviest counts. */
export function querySparseVector(query: string, synonyms: Synonyms = NO_SYNONYMS): SparseVector {
	const weights = new Map<number, number>();
	for (const term of queryTerms(query, synonyms)) {
		for (const { word, weight } of [{ word: term.word, weight: 1 }, ...term.alternatives]) {
			const grams = gramsOfWord(word);
			for (const gram of grams) {
				const index = fnv1a(gram);
				const gramWeight = (term.weight * weight) / Math.sqrt(grams.length);
				weights.set(index, Math.max(weights.get(index) ?? 0, gramWeight));
			}
		}
	}
	return toVector(weights, (weight) => weight);
}

function toVector(terms: ReadonlyMap<number, number>, weigh: (value: number) => number): SparseVector {
	const indices = [...terms.keys()].sort((a, b) => a - b);
	return { indices, values: indices.map((index) => weigh(terms.get(index) ?? 0)) };
}

/** 32-bit FNV-1a over UTF-16 units: sparse indexes must be the same in every process and version. */
function fnv1a(text: string): number {
	let hash = FNV_OFFSET;
	for (let at = 0; at < text.length; at += 1) {
		const unit = text.charCodeAt(at);
		hash = Math.imul(hash ^ (unit & 0xff), FNV_PRIME);
		hash = Math.imul(hash ^ (unit >>> 8), FNV_PRIME);
	}
	return hash >>> 0;
}
