/** Which of several requests of one message comes first: customers expect the answers in the order of their questions. */
import type { Intent } from '../item/turn-item';
import type { LabelProbability } from './local-classifier';

/** Ends of clauses: punctuation, and words that join requests. */
const CLAUSE_END = /[.!?,;:\n]+|(?<!\p{L})(?:и|а|но|ещё|еще|заодно|потом|плюс|және|жане|ал|тағы|тагы|сосын)(?!\p{L})/iu;
/** A clause says less than a message; below this it says nothing of the candidates. */
const CLAUSE_FROM = 0.3;
const MAX_CLAUSES = 8;
/** Who complains waits for an answer to that, whatever was mentioned before it. */
const ALWAYS_FIRST: Intent = 'complaint';

/**
 * The candidate that the earliest clause is about; the first candidate when no clause tells.
 *
 * @param candidates intents found in the whole message, the most probable first
 * @param read       the classifier's reading of a clause
 */
export function firstRequest(
	text: string,
	candidates: readonly Intent[],
	read: (clause: string) => readonly LabelProbability[],
): Intent | undefined {
	const [likeliest] = candidates;
	if (candidates.length < 2) return likeliest;
	if (candidates.includes(ALWAYS_FIRST)) return ALWAYS_FIRST;
	const clauses = text
		.split(CLAUSE_END)
		.map((clause) => clause.trim())
		.filter((clause) => /\p{L}{2}/u.test(clause));
	if (clauses.length < 2) return likeliest;
	for (const clause of clauses.slice(0, MAX_CLAUSES)) {
		const best = read(clause)
			.filter(({ label }) => (candidates as readonly string[]).includes(label))
			.reduce<LabelProbability | null>(
				(most, entry) => (most === null || entry.probability > most.probability ? entry : most),
				null,
			);
		if (best !== null && best.probability >= CLAUSE_FROM) return best.label as Intent;
	}
	return likeliest;
}
