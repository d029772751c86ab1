import { gramCount, GramBuckets } from './gram-buckets';
import { compoundWords } from './search-terms';
import { foldWordOnce, writtenWords } from './written-words';

/** What is indexed: `title` is the question of an FAQ entry or the path of headings. */
export interface IndexableText {
	readonly title: string | null;
	readonly text: string;
}

const MAX_COUNT = 0xffff;
/** Id of a form that folds to nothing, such as a soft sign alone. */
const NO_WORD = -1;
const FIRST_CAPACITY = 1_024;

/**
 * Which words stand in which documents, in typed arrays: an index of 100 000 passages fits in some hundred megabytes,
 * and one of 1 000 chunks is built in milliseconds.
 *
 * Words are kept instead of their character grams, because a document has ten times more grams than words; a gram
 * knows the words it occurs in, so that {@link addGramCounts} gives the same documents as an index of grams.
 */
export class WordPostings {
	/** Folded words by id. */
	readonly words: readonly string[];
	/** Length of each document in grams, a title counted as often as it weighs. */
	readonly lengths: Float32Array;
	private readonly idByWord: ReadonlyMap<string, number>;
	private readonly buckets: GramBuckets;
	/** Documents and counts of word `w` are at `starts[w]` .. `starts[w + 1]`. */
	private readonly starts: Uint32Array;
	private readonly docs: Uint32Array;
	private readonly counts: Uint16Array;
	/** Words of document `d` are at `docStarts[d]` .. `docStarts[d + 1]`. */
	private readonly docStarts: Uint32Array;
	private readonly docWords: Uint32Array;

	/** @param titleWeight a word of the title counts as if it were written so often; a whole number */
	constructor(texts: readonly IndexableText[], titleWeight: number) {
		const vocabulary = new Vocabulary();
		const entries = new GrowingEntries();
		this.docStarts = new Uint32Array(texts.length + 1);
		texts.forEach(({ title, text }, doc) => {
			vocabulary.startDocument();
			vocabulary.count(text, 1, entries);
			if (title !== null) vocabulary.count(title, titleWeight, entries);
			this.docStarts[doc + 1] = entries.length;
		});
		this.words = vocabulary.words;
		this.idByWord = vocabulary.idByFolded;
		this.docWords = entries.words();
		const counts = entries.counts();

		this.buckets = new GramBuckets(this.words);
		this.lengths = new Float32Array(texts.length);
		this.starts = new Uint32Array(this.words.length + 1);
		for (let at = 0; at < this.docWords.length; at += 1) {
			const word = this.docWords[at] ?? 0;
			this.starts[word + 1] = (this.starts[word + 1] ?? 0) + 1;
		}
		for (let word = 0; word < this.words.length; word += 1) {
			this.starts[word + 1] = (this.starts[word + 1] ?? 0) + (this.starts[word] ?? 0);
		}
		const next = this.starts.slice();
		this.docs = new Uint32Array(this.docWords.length);
		this.counts = new Uint16Array(this.docWords.length);
		for (let doc = 0; doc < texts.length; doc += 1) {
			const end = this.docStarts[doc + 1] ?? 0;
			let length = 0;
			for (let at = this.docStarts[doc] ?? 0; at < end; at += 1) {
				const word = this.docWords[at] ?? 0;
				const slot = next[word] ?? 0;
				next[word] = slot + 1;
				this.docs[slot] = doc;
				this.counts[slot] = counts[at] ?? 0;
				length += (counts[at] ?? 0) * gramCount(this.words[word] ?? '');
			}
			this.lengths[doc] = length;
		}
	}

	/** Number of documents. */
	get size(): number {
		return this.lengths.length;
	}

	/**
	 * Adds how often each document holds the gram.
	 *
	 * @param counts  by document; must be zero for every document before the first call
	 * @param touched receives the documents whose count was zero, from its start
	 * @returns how many documents hold the gram
	 */
	addGramCounts(gram: string, counts: Uint32Array, touched: Uint32Array): number {
		let found = 0;
		for (const word of this.buckets.wordsWith(gram)) {
			const end = this.starts[word + 1] ?? 0;
			for (let at = this.starts[word] ?? 0; at < end; at += 1) {
				const doc = this.docs[at] ?? 0;
				const before = counts[doc] ?? 0;
				if (before === 0) {
					touched[found] = doc;
					found += 1;
				}
				counts[doc] = before + (this.counts[at] ?? 0);
			}
		}
		return found;
	}

	/** Id of a folded word; undefined when no document has it. */
	idOf(foldedWord: string): number | undefined {
		return this.idByWord.get(foldedWord);
	}

	/** Number of documents that have the word. */
	documentsOf(word: number): number {
		return (this.starts[word + 1] ?? 0) - (this.starts[word] ?? 0);
	}

	/** Ids of the words of one document, each once. */
	wordsOf(doc: number): Uint32Array {
		return this.docWords.subarray(this.docStarts[doc] ?? 0, this.docStarts[doc + 1] ?? 0);
	}
}

/** Numbers the words. Each written form is folded once: a corpus repeats its words, and folding takes the time. */
class Vocabulary {
	readonly words: string[] = [];
	readonly idByFolded = new Map<string, number>();
	private readonly idByWritten = new Map<string, number>();
	/** Entry of each word in the present document; one below `firstEntry` belongs to an earlier document. */
	private readonly entryOf: number[] = [];
	private firstEntry = 0;
	private nextEntry = 0;

	startDocument(): void {
		this.firstEntry = this.nextEntry;
	}

	count(text: string, weight: number, entries: GrowingEntries): void {
		for (const written of writtenWords(text)) this.countWord(written, weight, entries);
		for (const compound of compoundWords(text)) this.countWord(compound, weight, entries);
	}

	private countWord(written: string, weight: number, entries: GrowingEntries): void {
		const id = this.idByWritten.get(written) ?? this.identify(written);
		if (id === NO_WORD) return;
		const entry = this.entryOf[id] ?? -1;
		if (entry >= this.firstEntry) {
			entries.raise(entry, weight);
		} else {
			entries.push(id, weight);
			this.entryOf[id] = this.nextEntry;
			this.nextEntry += 1;
		}
	}

	private identify(written: string): number {
		const folded = foldWordOnce(written);
		const id = folded === '' ? NO_WORD : (this.idByFolded.get(folded) ?? this.add(folded));
		this.idByWritten.set(written, id);
		return id;
	}

	private add(folded: string): number {
		const id = this.words.length;
		this.words.push(folded);
		this.idByFolded.set(folded, id);
		this.entryOf.push(-1);
		return id;
	}
}

/** Pairs of word and count in two typed arrays that double when they are full. */
class GrowingEntries {
	length = 0;
	private wordIds = new Uint32Array(FIRST_CAPACITY);
	private wordCounts = new Uint16Array(FIRST_CAPACITY);

	push(word: number, count: number): void {
		if (this.length === this.wordIds.length) {
			const wordIds = new Uint32Array(this.length * 2);
			wordIds.set(this.wordIds);
			this.wordIds = wordIds;
			const wordCounts = new Uint16Array(this.length * 2);
			wordCounts.set(this.wordCounts);
			this.wordCounts = wordCounts;
		}
		this.wordIds[this.length] = word;
		this.wordCounts[this.length] = Math.min(MAX_COUNT, count);
		this.length += 1;
	}

	raise(entry: number, count: number): void {
		this.wordCounts[entry] = Math.min(MAX_COUNT, (this.wordCounts[entry] ?? 0) + count);
	}

	words(): Uint32Array {
		return this.wordIds.slice(0, this.length);
	}

	counts(): Uint16Array {
		return this.wordCounts.slice(0, this.length);
	}
}
