import type { GuardVerdict, ReplyLanguage } from '../item/turn-item';
import { addressViolations } from './check-addresses';
import { claimViolations, type TurnClaims } from './check-claims';
import { contradictionViolations } from './check-contradictions';
import { misplacedViolations } from './check-misplaced';
import { formViolations, type FormLimits } from './check-form';
import { leakViolations } from './check-leaks';
import { nameViolations } from './check-names';
import { openingViolations } from './check-opening';
import { priceViolations } from './check-prices';
import { promiseViolations } from './check-promises';
import { quantityViolations } from './check-quantities';
import { guardTexts } from './guard-text';

export type { TurnClaims } from './check-claims';

/** Everything a draft can be stopped for, in the order in which it is reported. */
export const VIOLATIONS = [
	'amount_not_in_facts',
	'percent_not_in_facts',
	'time_not_in_facts',
	'date_not_in_facts',
	'duration_not_in_facts',
	'phone_not_in_facts',
	'link_not_in_facts',
	'amount_of_other_service',
	'duration_of_other_service',
	'percent_of_other_service',
	'amount_not_exact',
	'wrong_currency',
	'hours_not_in_facts',
	'contradicts_facts',
	'offer_not_in_facts',
	'payment_way_not_in_facts',
	'discount_not_in_facts',
	'promise_not_in_facts',
	'address_not_in_facts',
	'foreign_name',
	'claimed_booking',
	'claimed_change',
	'claimed_handover',
	'claimed_payment',
	'claimed_availability',
	'claimed_order',
	'claimed_sent',
	'claimed_action',
	'leaked_instructions',
	'foreign_mark',
	'obeyed_customer',
	'encoded_text',
	'unfilled_placeholder',
	'wrong_language',
	'too_long',
	'empty',
] as const;
export type Violation = (typeof VIOLATIONS)[number];

export interface ReplyCheck {
	readonly draft: string;
	/** Language the reply must be in; null: any. */
	readonly language: ReplyLanguage | null;
	/** The client's own texts this turn may quote. */
	readonly facts: readonly string[];
	readonly retrieved: readonly string[];
	/** Times, dates and phone numbers the customer wrote may be repeated to them; amounts, percents and links may not. */
	readonly customerText: string;
	readonly claims: TurnClaims;
	/** 0 for the first draft: a violation asks for a rewrite. From 1 on it refuses. */
	readonly rewrites: number;
	/** Further texts that must not be shown: the client's own prompt, for example. */
	readonly instructions?: readonly string[];
	/** Exact marks that must not occur in any spelling: canaries, data of other clients. */
	readonly foreignMarks?: readonly string[];
	/** Names that may be used although no source holds them: of the client, of the customer. */
	readonly names?: readonly string[];
	readonly limits?: FormLimits;
}

/**
 * Decides whether a draft may be sent: nothing in it that the business did not say and nothing that did not happen
 * (design, promise 6), no leaked instructions, in the right language and length.
 *
 * Sentences of facts and retrieved texts that command the assistant are not taken for facts.
 *
 * @returns violations of {@link VIOLATIONS}, in that order, each once
 */
export function checkReply(check: ReplyCheck): GuardVerdict {
	const violations = findViolations(check);
	if (violations.length === 0) return { kind: 'passed', violations: [] };
	return { kind: check.rewrites === 0 ? 'rewrite' : 'refused', violations };
}

function findViolations(check: ReplyCheck): readonly string[] {
	if (check.draft.trim() === '') return ['empty'];
	const texts = guardTexts(check.draft, [...check.facts, ...check.retrieved], check.customerText);
	const found = new Set([
		...quantityViolations(texts),
		...priceViolations(texts),
		...misplacedViolations(texts),
		...openingViolations(texts),
		...contradictionViolations(texts),
		...promiseViolations(texts),
		...addressViolations(texts),
		...nameViolations(texts, [...(check.names ?? []), ...(check.instructions ?? [])]),
		...claimViolations(texts.draft.claimSentences, texts.source.claimSentences, {
			done: check.claims,
			holdsLink: texts.draft.quantities.links.length > 0,
		}),
		...leakViolations(texts, { instructions: check.instructions ?? [], foreignMarks: check.foreignMarks ?? [] }),
		...formViolations(check.draft, texts, check.language, check.limits ?? {}),
	]);
	return VIOLATIONS.filter((violation) => found.has(violation));
}
