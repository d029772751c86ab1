/** Turns scores of separators into probabilities that mean what they say, fitted on messages the separators did not see. */

/** Weights of a logistic curve over a few numbers; the last one is the constant. */
export type Logistic = readonly number[];

export interface Calibration {
	/** Softness of the comparison between labels. */
	readonly temperature: number;
	/** Probability that the first label is right, from (its score, its lead over the second). */
	readonly first: Logistic;
	/** Probability that a label belongs to the message at all, from its own score. */
	readonly present: Logistic;
}

/** For training sets too small to measure on; typical of sets with tens of examples a label. */
export const USUAL_CALIBRATION: Calibration = { temperature: 0.3, first: [2, 3, 0.5], present: [4, 0.5] };

/** Scores of one held-out message, with the truth. */
export interface ScoredMessage {
	/** One score per label that decides which label comes first. */
	readonly main: Float64Array;
	/** One score per label for being in the message at all. */
	readonly any: Float64Array;
	readonly mainLabel: number;
	readonly labels: readonly number[];
}

/** Fits all curves by maximum likelihood; deterministic. */
export function fitCalibration(messages: readonly ScoredMessage[]): Calibration {
	const first = messages.map(({ main, mainLabel }) => {
		const { best, lead } = leader(main);
		return { inputs: [main[best] ?? 0, lead], isTrue: best === mainLabel };
	});
	const present = messages.flatMap(({ any, labels }) =>
		[...any].map((score, label) => ({ inputs: [score], isTrue: labels.includes(label) })),
	);
	return {
		temperature: fitTemperature(messages),
		first: fitLogistic(first, USUAL_CALIBRATION.first),
		present: fitLogistic(present, USUAL_CALIBRATION.present),
	};
}

/** Index of the highest score and how far it lies above the second. */
export function leader(scores: Float64Array): { readonly best: number; readonly lead: number } {
	let best = 0;
	let second = -Infinity;
	for (let label = 1; label < scores.length; label++) {
		const score = scores[label] ?? 0;
		if (score > (scores[best] ?? 0)) {
			second = scores[best] ?? 0;
			best = label;
		} else if (score > second) second = score;
	}
	return { best, lead: second === -Infinity ? 1 : (scores[best] ?? 0) - second };
}

/** Value of a logistic curve, 0..1. */
export function logistic(weights: Logistic, inputs: readonly number[]): number {
	let sum = weights[inputs.length] ?? 0;
	for (const [at, input] of inputs.entries()) sum += (weights[at] ?? 0) * input;
	return 1 / (1 + Math.exp(-sum));
}

/** Probabilities that sum to 1. */
export function softmax(scores: Float64Array, temperature: number): Float64Array {
	const highest = scores.reduce((most, score) => Math.max(most, score), -Infinity);
	const powers = scores.map((score) => Math.exp((score - highest) / temperature));
	const sum = powers.reduce((total, power) => total + power, 0);
	return powers.map((power) => power / sum);
}

const MIN_TEMPERATURE = 0.03;
const MAX_TEMPERATURE = 2;
const TEMPERATURE_STEP = 1.15;

function fitTemperature(messages: readonly ScoredMessage[]): number {
	let best = { temperature: USUAL_CALIBRATION.temperature, loss: Infinity };
	for (let temperature = MIN_TEMPERATURE; temperature <= MAX_TEMPERATURE; temperature *= TEMPERATURE_STEP) {
		let loss = 0;
		for (const { main, mainLabel } of messages) loss -= Math.log(1e-9 + (softmax(main, temperature)[mainLabel] ?? 0));
		if (loss < best.loss) best = { temperature, loss };
	}
	return best.temperature;
}

const LOGISTIC_STEPS = 50;
const SMALLEST_STEP = 1 / 1024;
/** Pulls the curve towards its start, so that a handful of messages does not make it a step. */
const PULL = 1;

interface Observation {
	readonly inputs: readonly number[];
	readonly isTrue: boolean;
}

/** Newton's method on the penalised likelihood, each step halved until it helps. */
function fitLogistic(rows: readonly Observation[], start: Logistic): Logistic {
	let weights = start;
	let loss = penalisedLoss(rows, weights, start);
	for (let step = 0; step < LOGISTIC_STEPS; step++) {
		const change = newtonStep(rows, weights, start);
		let size = 1;
		let next = weights;
		let nextLoss = Infinity;
		for (; size >= SMALLEST_STEP && !(nextLoss < loss); size /= 2) {
			const factor = size;
			next = weights.map((weight, at) => weight - factor * (change[at] ?? 0));
			nextLoss = penalisedLoss(rows, next, start);
		}
		if (!(nextLoss < loss)) break;
		weights = next;
		loss = nextLoss;
	}
	return weights;
}

function penalisedLoss(rows: readonly Observation[], weights: Logistic, start: Logistic): number {
	let loss = 0;
	for (const [at, weight] of weights.entries()) loss += (PULL / 2) * (weight - (start[at] ?? 0)) ** 2;
	for (const { inputs, isTrue } of rows) {
		const probability = logistic(weights, inputs);
		loss -= Math.log(Math.max(1e-12, isTrue ? probability : 1 - probability));
	}
	return loss;
}

function newtonStep(rows: readonly Observation[], weights: Logistic, start: Logistic): readonly number[] {
	const gradient = weights.map((weight, at) => PULL * (weight - (start[at] ?? 0)));
	const curvature = weights.map((_, row) => weights.map((__, column): number => (row === column ? PULL : 0)));
	for (const { inputs, isTrue } of rows) {
		const probability = logistic(weights, inputs);
		const withConstant = [...inputs, 1];
		const spread = probability * (1 - probability);
		for (const [row, a] of withConstant.entries()) {
			gradient[row] = (gradient[row] ?? 0) + (probability - (isTrue ? 1 : 0)) * a;
			const line = curvature[row];
			if (line === undefined) continue;
			for (const [column, b] of withConstant.entries()) line[column] = (line[column] ?? 0) + spread * a * b;
		}
	}
	return solveLinear(curvature, gradient);
}

/** Gaussian elimination for a small positive definite system. */
function solveLinear(matrix: readonly (readonly number[])[], right: readonly number[]): readonly number[] {
	const rows = matrix.map((row, at) => [...row, right[at] ?? 0]);
	for (const [at, pivotRow] of rows.entries()) {
		const pivot = pivotRow[at] ?? 1;
		for (const [other, row] of rows.entries()) {
			if (other === at) continue;
			const factor = (row[at] ?? 0) / pivot;
			for (let column = at; column < row.length; column++)
				row[column] = (row[column] ?? 0) - factor * (pivotRow[column] ?? 0);
		}
	}
	return rows.map((row, at) => (row.at(-1) ?? 0) / (row[at] ?? 1));
}
