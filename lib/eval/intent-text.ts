/** Figures of the intent evaluation as people read them. */
import type { IntentFigures, Share } from './intent-metrics';

const SHOWN_CONFUSIONS = 10;

/** Lines of text; `context` is shown first, one line per entry. */
export function describeFigures(context: Readonly<Record<string, unknown>>, figures: IntentFigures): string {
	const width = Math.max(10, ...figures.labels.map(({ label }) => label.length));
	return [
		...Object.entries(context).map(([name, value]) => `${name.padEnd(22)} ${String(value)}`),
		line('accuracy', figures.accuracy),
		line('any of', figures.anyOf),
		line('exact set', figures.exactSet),
		`${'macro F1'.padEnd(22)} ${figures.macroF1.toFixed(3)}`,
		`${'micro F1 over sets'.padEnd(22)} ${figures.microF1.toFixed(3)}`,
		...(figures.language === null ? [] : [line('language', figures.language)]),
		line('without a model', figures.withoutModel),
		...(figures.accuracyWithoutModel === null ? [] : [line('accuracy of those', figures.accuracyWithoutModel)]),
		`${'time per message'.padEnd(22)} median ${figures.medianMs.toFixed(2)} ms, p95 ${figures.p95Ms.toFixed(2)} ms`,
		'',
		`${'label'.padEnd(width)}  rows  precision  recall     F1`,
		...figures.labels.map(
			({ label, support, precision, recall, f1 }) =>
				`${label.padEnd(width)}  ${String(support).padStart(4)}  ${precision.toFixed(3).padStart(9)}  ${recall.toFixed(3).padStart(6)}  ${f1.toFixed(3)}`,
		),
		'',
		...(figures.confusions.length === 0 ? ['no confusions'] : ['taken for another (expected -> predicted)']),
		...figures.confusions
			.slice(0, SHOWN_CONFUSIONS)
			.map(({ expected, predicted, count }) => `${String(count).padStart(5)}  ${expected} -> ${predicted}`),
		'',
	].join('\n');
}

function line(name: string, { value, count, of, interval: [low, high] }: Share): string {
	return `${name.padEnd(22)} ${value.toFixed(3)}  (${low.toFixed(3)}-${high.toFixed(3)}, ${count} of ${of})`;
}
