/** The numbers behind a message: which terms count and how much (sublinear tf, inverse document frequency). */
import type { MessageTerms } from './message-terms';

export interface SparseVector {
	/** Each index once, in no order. */
	readonly indexes: Int32Array;
	readonly values: Float64Array;
}

/** A message with what is known of it beside its words. */
export interface SignalledTerms {
	readonly terms: MessageTerms;
	/** Decisions of other layers, for example of the keyword rules ("rule:booking"). */
	readonly signals: readonly string[];
}

/** Share of the squared length that words get beside character groups. */
const WORD_SHARE = 0.25;
/** Strength of one signal beside the text, whose length is 1. */
const SIGNAL_VALUE = 0.2;
/** From this number of messages on, a term of a single one only makes the classifier larger. */
const MANY_MESSAGES = 500;

/** Terms and their weights, learnt from a training set. Immutable. */
export class TermSpace {
	private constructor(
		private readonly indexOf: ReadonlyMap<string, number>,
		private readonly weights: Float64Array,
		private readonly parent: TermSpace | null,
		private readonly rareWeight: number,
	) {}

	/** Number of terms. */
	get size(): number {
		return this.weights.length + (this.parent?.size ?? 0);
	}

	/** Learns the terms of the given messages; in large sets those that only one message holds are left out. */
	static learn(messages: readonly SignalledTerms[]): TermSpace {
		const fewest = messages.length < MANY_MESSAGES ? 1 : 2;
		const counts = new Map([...countMessages(messages)].filter(([, count]) => count >= fewest));
		const idf = (count: number): number => 1 + Math.log((1 + messages.length) / (1 + count));
		return new TermSpace(
			new Map([...counts.keys()].map((term, index) => [term, index])),
			Float64Array.from(counts.values(), idf),
			null,
			idf(1),
		);
	}

	/** A space from what {@link terms} and {@link termWeights} gave. */
	static of(terms: readonly string[], weights: Float64Array): TermSpace {
		const rarest = weights.reduce((most, weight) => Math.max(most, weight), 1);
		return new TermSpace(new Map(terms.map((term, index) => [term, index])), weights, null, rarest);
	}

	/** All terms in the order of their indexes; of a space that was not extended. */
	get terms(): readonly string[] {
		return [...this.indexOf.keys()];
	}

	/** Weights of {@link terms}. */
	get termWeights(): Float64Array {
		return this.weights;
	}

	/** This space with the terms of further messages; known terms keep index and weight. */
	extend(messages: readonly SignalledTerms[]): TermSpace {
		const fresh = [...countMessages(messages).keys()].filter((term) => this.find(term) < 0);
		return new TermSpace(
			new Map(fresh.map((term, index) => [term, this.size + index])),
			new Float64Array(fresh.length).fill(this.rareWeight),
			this,
			this.rareWeight,
		);
	}

	/** The vector of a message: its text has length 1; terms never seen in training are left out. */
	vector({ terms, signals }: SignalledTerms): SparseVector {
		const indexes: number[] = [];
		const values: number[] = [];
		this.addBlock(terms.words, WORD_SHARE, indexes, values);
		this.addBlock(terms.groups, 1 - WORD_SHARE, indexes, values);
		for (const signal of signals) {
			const index = this.find(signalTerm(signal));
			if (index < 0) continue;
			indexes.push(index);
			values.push(SIGNAL_VALUE);
		}
		return { indexes: Int32Array.from(indexes), values: Float64Array.from(values) };
	}

	private find(term: string): number {
		return this.parent === null ? (this.indexOf.get(term) ?? -1) : (this.indexOf.get(term) ?? this.parent.find(term));
	}

	private weightOf(index: number): number {
		const parentSize = this.parent?.size ?? 0;
		return index < parentSize ? (this.parent?.weightOf(index) ?? 0) : (this.weights[index - parentSize] ?? 0);
	}

	private addBlock(terms: readonly string[], share: number, indexes: number[], values: number[]): void {
		const counts = new Map<number, number>();
		for (const term of terms) {
			const index = this.find(term);
			if (index >= 0) counts.set(index, (counts.get(index) ?? 0) + 1);
		}
		const from = values.length;
		let squares = 0;
		for (const [index, count] of counts) {
			const value = (1 + Math.log(count)) * this.weightOf(index);
			indexes.push(index);
			values.push(value);
			squares += value * value;
		}
		const scale = squares === 0 ? 0 : Math.sqrt(share / squares);
		for (let at = from; at < values.length; at++) values[at] = (values[at] ?? 0) * scale;
	}
}

function countMessages(messages: readonly SignalledTerms[]): ReadonlyMap<string, number> {
	const counts = new Map<string, number>();
	for (const { terms, signals } of messages)
		for (const term of new Set([...terms.words, ...terms.groups, ...signals.map(signalTerm)]))
			counts.set(term, (counts.get(term) ?? 0) + 1);
	return counts;
}

function signalTerm(signal: string): string {
	return `#${signal}`;
}
