import type { GuardTexts } from './guard-text';

const SENTENCE_END = /[.!?](?=\s)|\n/gu;
/** A shorter piece could stand in any text by accident. */
const MIN_QUOTED_CHARS = 15;

/**
 * True when the sentence of the draft around a position stands word for word in the sources: what the business wrote
 * belongs together as the business wrote it.
 */
export function isQuotedSentence({ draft, source }: GuardTexts, position: number): boolean {
	let from = 0;
	let to = draft.plain.length;
	for (const { index, 0: mark } of draft.plain.matchAll(SENTENCE_END)) {
		const end = index + mark.length;
		if (end <= position) from = end;
		else {
			to = end;
			break;
		}
	}
	const sentence = draft.plain.slice(from, to).trim();
	return sentence.length >= MIN_QUOTED_CHARS && source.plain.includes(sentence);
}
