/**
 * Trains one linear separator: L2-regularised squared hinge loss by dual coordinate descent.
 * Method: Hsieh et al., "A Dual Coordinate Descent Method for Large-scale Linear SVM" (2008), with shrinking.
 * Deterministic: the order of visits comes from a fixed generator.
 */
import type { SparseVector } from './term-space';

export interface SolverOptions {
	/** How dear an error is beside large weights. */
	readonly cost: number;
	readonly maxPasses: number;
	/** Stops when no visit of a pass would change more than this. */
	readonly tolerance: number;
}

/** Value of the constant feature that carries the bias. */
const BIAS_VALUE = 1;
/** Changes below this are not worth a write. */
const NO_CHANGE = 1e-12;

/**
 * Weights that separate examples of sign 1 from those of sign -1; sign 0 is left out.
 *
 * @param size    number of features; the result has one more, the bias
 * @param offsets scores that another separator already gives the examples: this one learns what is missing. Null: none
 */
export function solveSeparator(
	vectors: readonly SparseVector[],
	signs: Int8Array,
	size: number,
	options: SolverOptions,
	offsets: Float64Array | null = null,
): Float64Array {
	const weights = new Float64Array(size + 1);
	const alphas = new Float64Array(vectors.length);
	const diagonal = 1 / (2 * options.cost);
	const norms = vectors.map((vector) => vector.values.reduce((sum, value) => sum + value * value, BIAS_VALUE ** 2));
	const order = Int32Array.from(vectors.keys()).filter((index) => signs[index] !== 0);
	const random = seededRandom();
	let active = order.length;
	let shrinkAbove = Infinity;
	for (let pass = 0; pass < options.maxPasses; pass++) {
		let highest = -Infinity;
		let lowest = Infinity;
		shuffle(order, active, random);
		for (let at = 0; at < active; at++) {
			const index = order[at] ?? 0;
			const vector = vectors[index];
			if (vector === undefined) continue;
			const sign = signs[index] ?? 0;
			const alpha = alphas[index] ?? 0;
			const score = scoreOf(weights, vector) + (offsets?.[index] ?? 0);
			const gradient = sign * score - 1 + diagonal * alpha;
			if (alpha === 0 && gradient > shrinkAbove) {
				active--;
				order[at] = order[active] ?? 0;
				order[active] = index;
				at--;
				continue;
			}
			const projected = alpha === 0 ? Math.min(gradient, 0) : gradient;
			highest = Math.max(highest, projected);
			lowest = Math.min(lowest, projected);
			if (Math.abs(projected) < NO_CHANGE) continue;
			const next = Math.max(0, alpha - gradient / ((norms[index] ?? 0) + diagonal));
			alphas[index] = next;
			addScaled(weights, vector, (next - alpha) * sign);
		}
		if (highest - lowest > options.tolerance) {
			shrinkAbove = highest <= 0 ? Infinity : highest;
			continue;
		}
		if (active === order.length) break;
		// What was set aside must still agree before the result counts.
		active = order.length;
		shrinkAbove = Infinity;
	}
	return weights;
}

/** Score of a vector under weights whose last entry is the bias. */
export function scoreOf(weights: Float64Array, { indexes, values }: SparseVector): number {
	let sum = (weights[weights.length - 1] ?? 0) * BIAS_VALUE;
	for (let at = 0; at < indexes.length; at++) sum += (weights[indexes[at] ?? 0] ?? 0) * (values[at] ?? 0);
	return sum;
}

function addScaled(weights: Float64Array, { indexes, values }: SparseVector, factor: number): void {
	for (let at = 0; at < indexes.length; at++) {
		const index = indexes[at] ?? 0;
		weights[index] = (weights[index] ?? 0) + factor * (values[at] ?? 0);
	}
	weights[weights.length - 1] = (weights[weights.length - 1] ?? 0) + factor * BIAS_VALUE;
}

function shuffle(order: Int32Array, length: number, random: () => number): void {
	for (let at = length - 1; at > 0; at--) {
		const other = Math.floor(random() * (at + 1));
		const kept = order[at] ?? 0;
		order[at] = order[other] ?? 0;
		order[other] = kept;
	}
}

/** Uniform numbers in [0, 1) from a fixed start (mulberry32): equal training sets give equal weights. */
export function seededRandom(seed = 20_261_121): () => number {
	let state = seed;
	return () => {
		state = (state + 0x6d2b79f5) | 0;
		let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
		mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
	};
}
