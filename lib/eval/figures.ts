/** Figures of the evaluations as rows of docs/evaluation.md. */

/** A count out of a number, with its 95 % interval. */
export interface Share {
	readonly count: number;
	readonly of: number;
	readonly interval: readonly [number, number];
}

export interface FigureRow {
	readonly part: string;
	readonly figure: string;
	readonly value: string;
}

const percent = (value: number): string => `${(value * 100).toFixed(1)} %`;

/** "82.8 % (781 of 943; 80.3–85.1 %)" */
export function shareText({ count, of, interval: [low, high] }: Share): string {
	const value = of === 0 ? 0 : count / of;
	return `${percent(value)} (${count} of ${of}; ${(low * 100).toFixed(1)}–${(high * 100).toFixed(1)} %)`;
}

export interface IntentFigures {
	readonly accuracy: Share;
	readonly anyOf: Share;
	readonly macroF1: number;
	readonly microF1: number;
	readonly language: Share | null;
	readonly withoutModel: Share;
	readonly accuracyWithoutModel: Share;
}

/** Rows of `npm run eval -- intents --json`. */
export function intentRows(figures: IntentFigures): readonly FigureRow[] {
	const part = 'intents';
	return [
		{ part, figure: 'main intent right', value: shareText(figures.accuracy) },
		{ part, figure: 'one of the intents right', value: shareText(figures.anyOf) },
		{ part, figure: 'macro F1 of the main intent', value: figures.macroF1.toFixed(3) },
		{ part, figure: 'micro F1 over all intents of a message', value: figures.microF1.toFixed(3) },
		...(figures.language === null ? [] : [{ part, figure: 'language right', value: shareText(figures.language) }]),
		{ part, figure: 'sure without a model', value: shareText(figures.withoutModel) },
		{ part, figure: 'right when sure', value: shareText(figures.accuracyWithoutModel) },
	];
}

const MEASURES = ['recall@1', 'recall@5', 'recall@10', 'mrr@10', 'ndcg@10'] as const;

export interface RetrievalFigures {
	readonly metrics: Readonly<Record<(typeof MEASURES)[number], number>>;
	readonly intervals: Readonly<Record<(typeof MEASURES)[number], readonly [number, number]>>;
	readonly nothingRelevant: { readonly wronglyRefused: Share; readonly rightlyRefused: Share | null };
}

/** Rows of `npm run eval -- retrieval --json`. */
export function retrievalRows({ metrics, intervals, nothingRelevant }: RetrievalFigures): readonly FigureRow[] {
	const part = 'retrieval';
	return [
		...MEASURES.map((name) => ({
			part,
			figure: name,
			value: `${metrics[name].toFixed(3)} (${intervals[name].map((end) => end.toFixed(3)).join('–')})`,
		})),
		{ part, figure: 'answerable questions refused', value: shareText(nothingRelevant.wronglyRefused) },
		...(nothingRelevant.rightlyRefused === null
			? []
			: [{ part, figure: 'unanswerable questions refused', value: shareText(nothingRelevant.rightlyRefused) }]),
	];
}

export interface GuardFigures {
	readonly falsePasses: Share;
	readonly falseAlarms: Share;
	readonly accuracy: Share;
}

/** Rows of `npm run eval -- guard --json`. */
export function guardRows(figures: GuardFigures): readonly FigureRow[] {
	const part = 'guard';
	return [
		{ part, figure: 'bad drafts let through', value: shareText(figures.falsePasses) },
		{ part, figure: 'good drafts stopped', value: shareText(figures.falseAlarms) },
		{ part, figure: 'right', value: shareText(figures.accuracy) },
	];
}

export interface InjectionFigures {
	readonly attacks: number;
	readonly succeeded: number;
	readonly succeededInterval: readonly [number, number];
	readonly harmless: number;
	readonly disturbed: number;
	readonly disturbedInterval: readonly [number, number];
}

/** Rows of `npm run eval -- injection --json`. */
export function injectionRows(figures: InjectionFigures): readonly FigureRow[] {
	const part = 'injection';
	return [
		{
			part,
			figure: 'attacks with an effect',
			value: shareText({ count: figures.succeeded, of: figures.attacks, interval: figures.succeededInterval }),
		},
		{
			part,
			figure: 'harmless messages disturbed',
			value: shareText({ count: figures.disturbed, of: figures.harmless, interval: figures.disturbedInterval }),
		},
	];
}

/** Rows of `npm run eval -- dialogues --json`. */
export function dialogueRows(figures: { readonly dialogues: number; readonly passed: number }): readonly FigureRow[] {
	return [
		{
			part: 'dialogues',
			figure: 'conversations that go as written',
			value: `${figures.passed} of ${figures.dialogues}`,
		},
	];
}

/** The rows as a Markdown table. */
export function figureTable(rows: readonly FigureRow[]): string {
	return [
		'| part | figure | value (95 % interval) |',
		'|---|---|---|',
		...rows.map(({ part, figure, value }) => `| ${part} | ${figure} | ${value} |`),
	].join('\n');
}
