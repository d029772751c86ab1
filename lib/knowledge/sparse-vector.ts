import type { SparseVector } from '../ports/vector-store';
import { contentWords, gramsOfWord, indexTerms } from './search-terms';

const K1 = 1.2;
const B = 0.75;
/** Terms of an average chunk; Qdrant adds the inverse document frequency itself, the length norm is ours. */
const AVERAGE_TERMS = 900;
const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** Sparse BM25 vector of a chunk: the term-frequency part; Qdrant's `idf` modifier gives the rest. */
export function chunkSparseVector(title: string | null, text: string): SparseVector {
	const terms = [...indexTerms(text), ...(title === null ? [] : indexTerms(title))];
	const norm = K1 * (1 - B + (B * terms.length) / AVERAGE_TERMS);
	return toVector(terms, (count) => (count * (K1 + 1)) / (count + norm));
}

/** Sparse vector of a query: every term once. */
export function querySparseVector(query: string): SparseVector {
	return toVector(contentWords(query).flatMap(gramsOfWord), () => 1);
}

function toVector(terms: readonly string[], weigh: (count: number) => number): SparseVector {
	const counts = new Map<number, number>();
	for (const term of terms) {
		const index = fnv1a(term);
		counts.set(index, (counts.get(index) ?? 0) + 1);
	}
	const indices = [...counts.keys()].sort((a, b) => a - b);
	return { indices, values: indices.map((index) => weigh(counts.get(index) ?? 0)) };
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
