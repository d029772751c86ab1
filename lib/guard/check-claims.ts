import claims from './claims.json';
import { sentencesOf } from './plain-text';

/** What really happened in this turn; everything absent or false did not. */
export interface TurnClaims {
	/** A manager was notified, or the handover row was written. */
	readonly handoverDone?: boolean;
	readonly bookingDone?: boolean;
	/** A payment was matched to this customer's order in this turn. */
	readonly paymentConfirmed?: boolean;
	/** Free times came from the business's own calendar. */
	readonly availabilityKnown?: boolean;
}

type ClaimKind = 'booking' | 'change' | 'handover' | 'payment' | 'availability';

const KINDS: ReadonlyArray<{
	readonly kind: ClaimKind;
	readonly violation: string;
	readonly allowedBy: keyof TurnClaims;
}> = [
	{ kind: 'booking', violation: 'claimed_booking', allowedBy: 'bookingDone' },
	{ kind: 'change', violation: 'claimed_change', allowedBy: 'bookingDone' },
	{ kind: 'handover', violation: 'claimed_handover', allowedBy: 'handoverDone' },
	{ kind: 'payment', violation: 'claimed_payment', allowedBy: 'paymentConfirmed' },
	{ kind: 'availability', violation: 'claimed_availability', allowedBy: 'availabilityKnown' },
];

const compile = (sources: readonly string[]): RegExp => new RegExp(`(?<![\\p{L}\\p{N}])(?:${sources.join('|')})`, 'gu');
const wordOf = (sources: readonly string[]): RegExp =>
	new RegExp(`(?<![\\p{L}\\p{N}])(?:${sources.join('|')})(?![\\p{L}\\p{N}])`, 'u');

const PATTERNS: Readonly<Record<ClaimKind, RegExp>> = {
	booking: compile(claims.booking),
	change: compile(claims.change),
	handover: compile(claims.handover),
	payment: compile(claims.payment),
	availability: compile(claims.availability),
};
const CONDITIONAL = wordOf(claims.conditional);
/** Kazakh conditional endings: "келсе", "қаласаңыз". */
const KAZAKH_CONDITIONAL = /\p{L}{2,}(?:са|се|саңыз|сеңіз|саныз|сениз)(?![\p{L}\p{N}])/u;
const NEGATION = wordOf(claims.negation);
const FUTURE =
	/(?:передам|передадим|сообщу|сообщим|уведомлю|позову|свяж|перезвон|напиш|позвонит|ответит|подключится|жеткізем|жібере|айтам|хабарлайм|берем|қосам|хабарлас|қоңырау шалады|жазады|байланысады)/u;

/**
 * Finds actions that a draft claims and that did not happen.
 *
 * Not a claim: a negated one ("вы не записаны"), one in a conditional clause ("чтобы мы вас записали"), the asking
 * clause of a question ("хотите, передам администратору?"). A promise about staff that the business itself makes in
 * its texts may be repeated; a booking, a change or a payment never.
 *
 * @param draft   plain text (see `plainText`)
 * @param sources plain texts of facts and retrieved chunks
 */
export function claimViolations(draft: string, sources: readonly string[], done: TurnClaims): string[] {
	const violations: string[] = [];
	for (const { kind, violation, allowedBy } of KINDS) {
		if (done[allowedBy] === true) continue;
		const repeatable = kind === 'handover' || kind === 'availability';
		const claimed = sentencesOf(draft).some((sentence) =>
			[...sentence.matchAll(PATTERNS[kind])].some(
				(match) => isClaim(sentence, match) && !(repeatable && sources.some((source) => source.includes(match[0]))),
			),
		);
		if (claimed) violations.push(violation);
	}
	return violations;
}

function isClaim(sentence: string, match: RegExpMatchArray): boolean {
	const start = match.index ?? 0;
	const end = start + match[0].length;
	const before = sentence.slice(0, start);
	const clauseStart = Math.max(...[',', ';', ':', '(', ' - '].map((mark) => before.lastIndexOf(mark)));
	const clauseBefore = before.slice(clauseStart + 1);
	const earlier = before.slice(0, Math.max(0, clauseStart + 1));
	const lastWordBefore = clauseBefore.trim().split(' ').at(-1) ?? '';

	if (NEGATION.test(match[0]) || NEGATION.test(lastWordBefore)) return false;
	if (CONDITIONAL.test(clauseBefore) || CONDITIONAL.test(match[0])) return false;
	if (sentence.endsWith('?') && !sentence.slice(end).includes(',')) return false;
	const conditionalEarlier = CONDITIONAL.test(earlier) || KAZAKH_CONDITIONAL.test(before);
	return !(conditionalEarlier && FUTURE.test(match[0]));
}
