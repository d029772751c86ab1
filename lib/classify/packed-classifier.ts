/**
 * A trained classifier as JSON: weights in one byte each, scaled per label. Ten times smaller than the numbers
 * themselves; the answers stay the same but for the third digit of a probability.
 */
import type { Calibration } from './calibration';
import { LocalClassifier } from './local-classifier';
import { TermSpace } from './term-space';

export interface PackedClassifier {
	readonly labels: readonly string[];
	/** Terms joined by line breaks; no term holds one. */
	readonly terms: string;
	/** Weights of the terms in thousandths, two bytes each, base64. */
	readonly termWeights: string;
	readonly calibration: Calibration;
	readonly main: PackedWeights;
	readonly any: PackedWeights;
}

export interface PackedWeights {
	/** What the byte 127 stands for, per label. */
	readonly scales: readonly number[];
	readonly biases: readonly number[];
	/** One signed byte per feature and label, base64. */
	readonly bytes: string;
}

const MAX_BYTE = 127;
const TERM_UNIT = 1000;
const DIGITS = 6;

/** Packs a classifier that was trained and not adapted. */
export function packClassifier({ labels, space, weights, calibration }: LocalClassifier): PackedClassifier {
	const round = (value: number): number => Number(value.toFixed(DIGITS));
	return {
		labels,
		terms: space.terms.join('\n'),
		termWeights: toBase64(Uint16Array.from(space.termWeights, (weight) => Math.round(weight * TERM_UNIT))),
		calibration: {
			temperature: round(calibration.temperature),
			first: calibration.first.map(round),
			present: calibration.present.map(round),
		},
		main: packWeights(weights.main, labels.length),
		any: packWeights(weights.any, labels.length),
	};
}

function packWeights(weights: Float32Array, labelCount: number): PackedWeights {
	const end = weights.length - labelCount;
	const scales = new Array<number>(labelCount).fill(0);
	for (let at = 0; at < end; at++)
		scales[at % labelCount] = Math.max(scales[at % labelCount] ?? 0, Math.abs(weights[at] ?? 0));
	const rounded = scales.map((scale) => Number(scale.toFixed(DIGITS)));
	const bytes = Int8Array.from(weights.subarray(0, end), (weight, at) =>
		Math.round((weight / (rounded[at % labelCount] || 1)) * MAX_BYTE),
	);
	return {
		scales: rounded,
		biases: [...weights.subarray(end)].map((bias) => Number(bias.toFixed(DIGITS))),
		bytes: toBase64(bytes),
	};
}

/** The classifier that was packed. */
export function unpackClassifier(packed: PackedClassifier): LocalClassifier {
	const terms = packed.terms.split('\n');
	const stored = fromBase64(packed.termWeights);
	const termWeights = Float64Array.from(terms, (_, index) => stored.readUInt16LE(index * 2) / TERM_UNIT);
	const count = packed.labels.length;
	const weights = { main: unpackWeights(packed.main, count), any: unpackWeights(packed.any, count) };
	return new LocalClassifier(packed.labels, TermSpace.of(terms, termWeights), weights, packed.calibration, null);
}

function unpackWeights({ scales, biases, bytes }: PackedWeights, labelCount: number): Float32Array {
	const stored = fromBase64(bytes);
	const weights = new Float32Array(stored.length + labelCount);
	for (let at = 0; at < stored.length; at++)
		weights[at] = (stored.readInt8(at) / MAX_BYTE) * (scales[at % labelCount] ?? 0);
	weights.set(biases, stored.length);
	return weights;
}

/** Little endian, as every machine that Node supports stores it. */
function toBase64(numbers: Uint16Array | Int8Array): string {
	return Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength).toString('base64');
}

function fromBase64(text: string): Buffer {
	return Buffer.from(text, 'base64');
}
