/** Judges a chaos run by what the witnesses saw. Pure: the same evidence gives the same verdict. */
import type { Evidence } from './evidence';
import { findForeign, findWrongAnswers } from './judge-content';
import { findLost } from './judge-lost';
import { findAfterTakeover, findDuplicates, findInversions } from './judge-replies';
import { type Finding, joinEvidence } from './record';

/** Columns that must be zero, in the order of the table. */
export const BAD_COLUMNS = [
	'lost',
	'duplicateReplies',
	'orderInversions',
	'repliesAfterTakeover',
	'turnsWithoutOutcome',
	'foreignRows',
	'wrongAnswers',
] as const;
export type BadColumn = (typeof BAD_COLUMNS)[number];

export interface Verdict {
	/** Messages of customers that got a 200. */
	readonly accepted: number;
	/** Messages of customers that never got one; the sender knows, so it is not a loss. */
	readonly notAccepted: number;
	/** Replies that arrived on phones. */
	readonly replies: number;
	/** Messages that came twice where the client has chosen so; not bad. */
	readonly repeatedByPolicy: number;
	/** How many turns had which outcome. */
	readonly outcomes: Readonly<Record<string, number>>;
	readonly takeovers: number;
	readonly bad: Readonly<Record<BadColumn, readonly Finding[]>>;
}

/** Reads the evidence of a run. */
export function judge(evidence: Evidence): Verdict {
	const record = joinEvidence(evidence);
	const customers = evidence.written.filter(({ author }) => author === 'customer');
	const accepted = customers.filter(({ acceptedAt }) => acceptedAt !== null).length;
	const { duplicates, repeatedByPolicy } = findDuplicates(record);
	const mine = turnsOf(evidence);
	const outcomes: Record<string, number> = {};
	for (const { outcome } of mine) if (outcome !== null) outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
	return {
		accepted,
		notAccepted: customers.length - accepted,
		replies: evidence.phone.length,
		repeatedByPolicy,
		outcomes,
		takeovers: evidence.takeovers.length,
		bad: {
			lost: findLost(record),
			duplicateReplies: duplicates,
			orderInversions: findInversions(record),
			repliesAfterTakeover: findAfterTakeover(record),
			turnsWithoutOutcome: mine
				.filter(({ outcome }) => outcome === null)
				.map(({ id, client, kind }) => ({ rule: `a turn of kind ${kind} has no outcome`, client, ids: [id] })),
			foreignRows: findForeign(record),
			wrongAnswers: findWrongAnswers(record),
		},
	};
}

/** The sum over all bad columns. */
export function countBad(verdict: Verdict): number {
	return BAD_COLUMNS.reduce((sum, column) => sum + verdict.bad[column].length, 0);
}

/** Turns that took a message of this run; managers' turns always belong to it. */
function turnsOf({ turns, events, written }: Evidence): Evidence['turns'] {
	const ids = new Set(written.map(({ client, id }) => `${client} ${id}`));
	const taken = new Set(events.filter(({ client, id }) => ids.has(`${client} ${id}`)).map(({ turnId }) => turnId));
	return turns.filter(({ id, kind }) => kind === 'manager' || taken.has(id));
}
