/** Figures of a classifier on labelled messages. Pure: rows in, numbers out. */
import { wilsonInterval } from './interval';

export interface JudgedMessage {
	/** The main one first. */
	readonly expected: readonly string[];
	readonly predicted: readonly string[];
	/** 0..1 */
	readonly confidence: number;
	readonly milliseconds: number;
	/** Null when the row names none. */
	readonly expectedLanguage: string | null;
	readonly predictedLanguage: string | null;
}

export interface LabelFigures {
	readonly label: string;
	/** Rows whose main label it is. */
	readonly support: number;
	readonly precision: number;
	readonly recall: number;
	readonly f1: number;
}

export interface Confusion {
	readonly expected: string;
	readonly predicted: string;
	readonly count: number;
}

export interface Share {
	readonly value: number;
	readonly count: number;
	readonly of: number;
	/** Wilson's interval, 95 %. */
	readonly interval: readonly [low: number, high: number];
}

export interface IntentFigures {
	readonly messages: number;
	/** The predicted main label is the expected main label. */
	readonly accuracy: Share;
	/** The predicted main label is one of the expected ones. */
	readonly anyOf: Share;
	/** Predicted and expected labels are the same set. */
	readonly exactSet: Share;
	/** Mean F1 of main labels over the labels that are expected at least once. */
	readonly macroF1: number;
	/** F1 over all pairs of message and label, main or not. */
	readonly microF1: number;
	/** Labels expected or predicted as main ones, by name. */
	readonly labels: readonly LabelFigures[];
	/** Main labels that were taken for another, the most frequent first. */
	readonly confusions: readonly Confusion[];
	/** expected -> predicted -> count, main labels. */
	readonly matrix: Readonly<Record<string, Readonly<Record<string, number>>>>;
	/** Null when no row names a language. */
	readonly language: Share | null;
	/** Answered locally: confidence not below the threshold. */
	readonly withoutModel: Share;
	/** Main label right among those; null when there are none. */
	readonly accuracyWithoutModel: Share | null;
	readonly medianMs: number;
	readonly p95Ms: number;
}

/**
 * All figures of one run.
 *
 * @param threshold confidence below which a model would be asked
 */
export function intentFigures(rows: readonly JudgedMessage[], threshold: number): IntentFigures {
	const isRight = (row: JudgedMessage): boolean => row.predicted[0] === row.expected[0];
	const labels = labelFigures(rows);
	const expected = labels.filter(({ support }) => support > 0);
	const local = rows.filter(({ confidence }) => confidence >= threshold);
	const spoken = rows.filter(({ expectedLanguage }) => expectedLanguage !== null);
	const times = rows.map(({ milliseconds }) => milliseconds).sort((a, b) => a - b);
	return {
		messages: rows.length,
		accuracy: share(rows, isRight),
		anyOf: share(rows, (row) => row.expected.includes(row.predicted[0] ?? '')),
		exactSet: share(rows, (row) => isSameSet(row.expected, row.predicted)),
		macroF1: expected.length === 0 ? 0 : expected.reduce((sum, { f1 }) => sum + f1, 0) / expected.length,
		microF1: microF1(rows),
		labels,
		...confusion(rows),
		language: spoken.length === 0 ? null : share(spoken, (row) => row.expectedLanguage === row.predictedLanguage),
		withoutModel: share(rows, ({ confidence }) => confidence >= threshold),
		accuracyWithoutModel: local.length === 0 ? null : share(local, isRight),
		medianMs: quantile(times, 0.5),
		p95Ms: quantile(times, 0.95),
	};
}

function share<T>(rows: readonly T[], holds: (row: T) => boolean): Share {
	const count = rows.filter(holds).length;
	return {
		value: rows.length === 0 ? 0 : count / rows.length,
		count,
		of: rows.length,
		interval: wilsonInterval(count, rows.length),
	};
}

function labelFigures(rows: readonly JudgedMessage[]): readonly LabelFigures[] {
	const names = new Set(rows.flatMap(({ expected, predicted }) => [expected[0], predicted[0]]));
	return [...names]
		.filter((label) => label !== undefined)
		.sort()
		.map((label) => {
			const support = rows.filter(({ expected }) => expected[0] === label).length;
			const guessed = rows.filter(({ predicted }) => predicted[0] === label).length;
			const right = rows.filter(({ expected, predicted }) => expected[0] === label && predicted[0] === label).length;
			return {
				label,
				support,
				precision: guessed === 0 ? 0 : right / guessed,
				recall: support === 0 ? 0 : right / support,
				f1: right === 0 ? 0 : (2 * right) / (support + guessed),
			};
		});
}

function microF1(rows: readonly JudgedMessage[]): number {
	let right = 0;
	let named = 0;
	for (const { expected, predicted } of rows) {
		right += new Set(expected.filter((label) => predicted.includes(label))).size;
		named += new Set(expected).size + new Set(predicted).size;
	}
	return named === 0 ? 0 : (2 * right) / named;
}

function confusion(rows: readonly JudgedMessage[]): Pick<IntentFigures, 'confusions' | 'matrix'> {
	const matrix: Record<string, Record<string, number>> = {};
	for (const { expected, predicted } of rows) {
		const line = (matrix[expected[0] ?? ''] ??= {});
		const label = predicted[0] ?? '';
		line[label] = (line[label] ?? 0) + 1;
	}
	const confusions = Object.entries(matrix)
		.flatMap(([expected, line]) => Object.entries(line).map(([predicted, count]) => ({ expected, predicted, count })))
		.filter(({ expected, predicted }) => expected !== predicted)
		.sort(
			(a, b) => b.count - a.count || a.expected.localeCompare(b.expected) || a.predicted.localeCompare(b.predicted),
		);
	return { confusions, matrix };
}

function isSameSet(a: readonly string[], b: readonly string[]): boolean {
	return new Set(a).size === new Set(b).size && a.every((label) => b.includes(label));
}

/** Nearest rank; 0 for no values. */
function quantile(sorted: readonly number[], part: number): number {
	return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? 0;
}
