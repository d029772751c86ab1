/**
 * The trained classifier: linear separators over words and character groups, one per label, with calibrated
 * probabilities. Works for any labels and languages; trains thousands of messages in about a second, answers in well
 * under a millisecond, needs no network. Equal training sets give equal classifiers.
 */
import {
	fitCalibration,
	leader,
	logistic,
	softmax,
	USUAL_CALIBRATION,
	type Calibration,
	type ScoredMessage,
} from './calibration';
import { seededRandom, solveSeparator, type SolverOptions } from './linear-solver';
import { messageTerms } from './message-terms';
import { TermSpace, type SparseVector } from './term-space';

export interface LabelledMessage {
	readonly text: string;
	/** At least one; the main one first. */
	readonly labels: readonly string[];
	/** What other layers said of the message; the same ones must be given when it is classified. */
	readonly signals?: readonly string[];
}

export interface LabelProbability {
	readonly label: string;
	/** Probability that this is the main label; all labels together give 1. */
	readonly probability: number;
	/** Probability that the message holds this label at all, as the main one or beside it. */
	readonly present: number;
}

export interface TrainOptions {
	/** Known from an earlier training on such messages; measured on a held-out fifth when absent. */
	readonly calibration?: Calibration;
}

const SOLVER: SolverOptions = { cost: 1, maxPasses: 25, tolerance: 0.1 };
/** A client's own examples are few and meant: they weigh more than one of thousands. */
const ADAPT_SOLVER: SolverOptions = { cost: 0.3, maxPasses: 50, tolerance: 0.01 };
/** An example that the classifier reads so surely already is left out of an adaptation. */
const PLAIN_FROM = 0.85;
const MIN_TO_CALIBRATE = 60;
const FOLDS = 5;

/** Trains on messages of any labels. An empty list gives a classifier that knows no label. */
export function trainClassifier(examples: readonly LabelledMessage[], options: TrainOptions = {}): LocalClassifier {
	const calibration =
		options.calibration ??
		(examples.length < MIN_TO_CALIBRATE ? USUAL_CALIBRATION : fitCalibration(scoreHeldOut(examples)));
	return fit(examples, calibration);
}

function scoreHeldOut(examples: readonly LabelledMessage[]): readonly ScoredMessage[] {
	const random = seededRandom();
	const folds = examples.map(() => Math.floor(random() * FOLDS));
	const classifier = fit(
		examples.filter((_, index) => folds[index] !== 0),
		USUAL_CALIBRATION,
	);
	return examples.flatMap((example, index) => {
		const mainLabel = classifier.labels.indexOf(example.labels[0] ?? '');
		if (folds[index] !== 0 || mainLabel < 0) return [];
		const { main, any } = classifier.scores(example.text, example.signals ?? []);
		return [{ main, any, mainLabel, labels: example.labels.map((label) => classifier.labels.indexOf(label)) }];
	});
}

function fit(examples: readonly LabelledMessage[], calibration: Calibration): LocalClassifier {
	const messages = examples.map(({ text, signals }) => ({ terms: messageTerms(text), signals: signals ?? [] }));
	const space = TermSpace.learn(messages);
	const vectors = messages.map((message) => space.vector(message));
	const labels = [...new Set(examples.flatMap((example) => example.labels))].sort();
	const hasSeveral = examples.some((example) => example.labels.length > 1);
	const separate = (isPositive: (example: LabelledMessage, label: string) => boolean): Float32Array =>
		interleave(
			labels.map((label) => {
				const signs = Int8Array.from(examples, (example) => (isPositive(example, label) ? 1 : -1));
				return solveSeparator(vectors, signs, space.size, SOLVER);
			}),
			space.size,
		);
	const main = separate((example, label) => example.labels[0] === label);
	const any = hasSeveral ? separate((example, label) => example.labels.includes(label)) : main;
	return new LocalClassifier(labels, space, { main, any }, calibration, null);
}

function interleave(perLabel: readonly Float64Array[], size: number): Float32Array {
	const all = new Float32Array((size + 1) * perLabel.length);
	for (const [label, weights] of perLabel.entries())
		for (let feature = 0; feature <= size; feature++) all[feature * perLabel.length + label] = weights[feature] ?? 0;
	return all;
}

/** Weights of all labels of one feature stand together, features in the order of the space, the bias last. */
export interface ClassifierWeights {
	/** For which label comes first. */
	readonly main: Float32Array;
	/** For which labels are in the message at all; the same array when no example had several. */
	readonly any: Float32Array;
}

/** What further examples change: for the few features they hold, one weight per label. */
interface Change {
	readonly main: ReadonlyMap<number, Float32Array>;
	readonly any: ReadonlyMap<number, Float32Array>;
}

interface Scores {
	readonly main: Float64Array;
	readonly any: Float64Array;
}

/** Built by {@link trainClassifier}. Immutable. */
export class LocalClassifier {
	/** Index of the bias in the trained weights. */
	private readonly bias: number;

	constructor(
		/** Sorted by name. */
		readonly labels: readonly string[],
		readonly space: TermSpace,
		readonly weights: ClassifierWeights,
		readonly calibration: Calibration,
		private readonly change: Change | null,
	) {
		this.bias = labels.length === 0 ? 0 : weights.main.length / labels.length - 1;
	}

	/** All labels, the most probable first. A text without any known term gets what is usual in training. */
	classify(text: string, signals: readonly string[] = []): readonly LabelProbability[] {
		if (this.labels.length === 0) return [];
		const { main, any } = this.scores(text, signals);
		const { best, lead } = leader(main);
		const first = logistic(this.calibration.first, [main[best] ?? 0, lead]);
		const soft = softmax(main, this.calibration.temperature);
		const rest = 1 - (soft[best] ?? 0);
		return this.labels
			.map((label, index) => ({
				label,
				probability: index === best ? first : rest === 0 ? 0 : ((soft[index] ?? 0) / rest) * (1 - first),
				present: logistic(this.calibration.present, [any[index] ?? 0]),
				score: main[index] ?? 0,
			}))
			.sort((a, b) => b.score - a.score)
			.map(({ label, probability, present }) => ({ label, probability, present }));
	}

	/** Raw scores per label, in the order of {@link labels}; for calibration. */
	scores(text: string, signals: readonly string[]): Scores {
		const vector = this.space.vector({ terms: messageTerms(text), signals });
		return this.scoresOf(vector);
	}

	/**
	 * This classifier, moved by further examples of the same labels, in milliseconds: what it already gets right stays.
	 * Labels it does not know are left out; train anew for those.
	 */
	adapt(examples: readonly LabelledMessage[]): LocalClassifier {
		const known = examples.filter((example) => this.labels.includes(example.labels[0] ?? '') && !this.isPlain(example));
		if (known.length === 0) return this;
		const messages = known.map(({ text, signals }) => ({ terms: messageTerms(text), signals: signals ?? [] }));
		const space = this.space.extend(messages);
		const vectors = messages.map((message) => space.vector(message));
		const features = new Map<number, number>();
		for (const { indexes } of vectors)
			for (const index of indexes) if (!features.has(index)) features.set(index, features.size);
		const local = vectors.map(({ indexes, values }) => ({
			indexes: indexes.map((index) => features.get(index) ?? 0),
			values,
		}));
		const before = vectors.map((vector) => this.scoresOf(vector));
		const learn = (kind: 'main' | 'any'): ReadonlyMap<number, Float32Array> => {
			const perLabel = this.labels.map((label, at) => {
				const signs = Int8Array.from(known, ({ labels }) =>
					(kind === 'main' ? labels[0] === label : labels.includes(label)) ? 1 : -1,
				);
				const offsets = Float64Array.from(before, (scores) => scores[kind][at] ?? 0);
				return solveSeparator(local, signs, features.size, ADAPT_SOLVER, offsets);
			});
			return new Map(
				[...features].map(([index, at]) => [index, Float32Array.from(perLabel, (weights) => weights[at] ?? 0)]),
			);
		};
		const change = { main: learn('main'), any: learn('any') };
		return new LocalClassifier(this.labels, space, this.weights, this.calibration, change);
	}

	/** Read as it should be, and surely: nothing to learn from. */
	private isPlain({ text, labels, signals }: LabelledMessage): boolean {
		const [first] = this.classify(text, signals);
		return first !== undefined && labels.length === 1 && first.label === labels[0] && first.probability >= PLAIN_FROM;
	}

	private scoresOf(vector: SparseVector): Scores {
		const main = this.product(vector, 'main');
		return {
			main,
			any: this.weights.any === this.weights.main && this.change === null ? main : this.product(vector, 'any'),
		};
	}

	private product({ indexes, values }: SparseVector, kind: 'main' | 'any'): Float64Array {
		const count = this.labels.length;
		const weights = this.weights[kind];
		const scores = Float64Array.from(weights.subarray(this.bias * count));
		const change = this.change?.[kind];
		for (let at = 0; at < indexes.length; at++) {
			const index = indexes[at] ?? 0;
			const value = values[at] ?? 0;
			if (index < this.bias)
				for (let label = 0; label < count; label++)
					scores[label] = (scores[label] ?? 0) + (weights[index * count + label] ?? 0) * value;
			const moved = change?.get(index);
			if (moved === undefined) continue;
			for (let label = 0; label < count; label++) scores[label] = (scores[label] ?? 0) + (moved[label] ?? 0) * value;
		}
		return scores;
	}
}
