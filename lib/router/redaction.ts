/** Personal data is replaced by placeholders before a text leaves the country, and put back into the answer. */
import { findPersonalData } from '../classify/personal-data';
import { findPersonalSpans, HIDDEN_KINDS, type HiddenKind } from './personal-spans';

/** Which placeholder stands for what. It lives as long as the call and is never stored, logged or sent. */
export interface RedactionPlan {
	readonly names: readonly string[];
	readonly entries: ReadonlyMap<string, { readonly placeholder: string; readonly value: string }>;
}

export type Restored =
	| { readonly kind: 'restored'; readonly text: string }
	/** `invented`: a placeholder that was never given; `damaged`: one that cannot be read any more. */
	| { readonly kind: 'refused'; readonly problem: 'placeholder_invented' | 'placeholder_damaged' };

const KINDS = HIDDEN_KINDS.join('|');
const INVISIBLE = /[\u200b-\u200f\u2060\ufeff\u00ad]/gu;
/** What customers could write to look like one of ours. */
const LOOKALIKE = new RegExp(`[\\[(<{【]?\\s*(?:${KINDS})\\s*_\\s*\\d+\\s*[\\])>}】]?`, 'giu');
/** As models write it back: other brackets, spaces, another case, brackets left out. */
const WRITTEN_BACK = new RegExp(
	`[\\[(<{【«]\\s*(${KINDS})[\\s_-]*(\\d{1,3})\\s*[\\])>}】»]|(?<![\\p{L}\\p{N}_])(${KINDS})_(\\d{1,3})(?![\\p{L}\\p{N}_])`,
	'giu',
);
/** A constant with a number in square brackets, in any alphabet, and anything that still names one of our kinds as one. */
const LEFT_OVER = new RegExp(`\\[\\p{Lu}{2,12}[_ -]?\\d{1,3}\\]?|(?<![\\p{L}\\p{N}])(?:${KINDS})_`, 'u');
/** Words beside which a number that is left would still be personal data. */
const STILL_PERSONAL =
	/(?:иин|жсн|iin|карт\p{L}*|шот\p{L}*|сч[её]т\p{L}*|iban|удостоверени\p{L}*|паспорт\p{L}*|куәлі[кг]\p{L}*|төлқұжат\p{L}*)[^\d\n]{0,30}\d(?:[ -]?\d){3,}/iu;

/**
 * Numbers the personal data of these texts: the first phone is `[PHONE_1]`, in whichever way it is written again.
 * The same texts in the same order always give the same placeholders.
 *
 * @param names names that the customer gave
 */
export function planRedaction(texts: readonly string[], names: readonly string[]): RedactionPlan {
	const entries = new Map<string, { placeholder: string; value: string }>();
	const counts = new Map<HiddenKind, number>();
	for (const text of texts.map(readable)) {
		for (const { start, end, kind, key } of findPersonalSpans(text, names)) {
			if (entries.has(key)) continue;
			const number = (counts.get(kind) ?? 0) + 1;
			counts.set(kind, number);
			const value =
				kind === 'NAME' ? (names.find((name) => key === `NAME:${name.toLowerCase()}`) ?? '') : text.slice(start, end);
			entries.set(key, { placeholder: `[${kind}_${number}]`, value });
		}
	}
	return { names, entries };
}

/** The text with placeholders in place of personal data. What the plan does not know is hidden too, without a way back. */
export function hidePersonalData(plan: RedactionPlan, text: string): string {
	const clean = readable(text);
	let hidden = '';
	let from = 0;
	for (const { start, end, kind, key } of findPersonalSpans(clean, plan.names)) {
		hidden += `${clean.slice(from, start)}${plan.entries.get(key)?.placeholder ?? `[${kind.toLowerCase()}]`}`;
		from = end;
	}
	return hidden + clean.slice(from);
}

/**
 * Whether a message that was recognised as sensitive can be shown without its personal data: something was found to
 * hide in it, and nothing that looks like personal data is left in it or in what is shown with it.
 */
export function canHide(text: string, shownWithIt: readonly string[], names: readonly string[]): boolean {
	const own = planRedaction([text], names);
	if (![...own.entries.keys()].some((key) => !key.startsWith('NAME:'))) return false;
	const plan = planRedaction([text, ...shownWithIt], names);
	return [text, ...shownWithIt]
		.map((shown) => hidePersonalData(plan, shown))
		.every((hidden) => findPersonalData(hidden).length === 0 && !STILL_PERSONAL.test(hidden));
}

/** Puts the personal data back into an answer. A placeholder that is not ours or cannot be read refuses the answer. */
export function restorePersonalData(plan: RedactionPlan, answer: string): Restored {
	const values = new Map([...plan.entries.values()].map(({ placeholder, value }) => [placeholder, value]));
	let invented = false;
	const text = answer.replace(WRITTEN_BACK, (written: string, ...parts: unknown[]) => {
		const [kind, number] = typeof parts[0] === 'string' ? [parts[0], parts[1]] : [parts[2], parts[3]];
		const value = values.get(`[${String(kind).toUpperCase()}_${Number(number)}]`);
		if (value === undefined) invented = true;
		return value ?? written;
	});
	if (invented) return { kind: 'refused', problem: 'placeholder_invented' };
	// What was put back may hold brackets of its own; only what the model wrote is judged.
	if (LEFT_OVER.test(answer.replace(WRITTEN_BACK, ''))) return { kind: 'refused', problem: 'placeholder_damaged' };
	return { kind: 'restored', text };
}

/** Plain digits, no invisible letters (they would split a number), and no placeholders that the customer wrote. */
function readable(text: string): string {
	return text
		.replace(INVISIBLE, '')
		.replace(/[０-９＋＠]/gu, (wide) => wide.normalize('NFKC'))
		.replace(LOOKALIKE, '…');
}
