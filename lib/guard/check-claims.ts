import { remembered } from '../language/remembered';
import claims from './claims.json';
import { deniesSomething } from './clauses';
import { GuardText } from './guard-text';

/** What really happened in this turn; everything absent or false did not. */
export interface TurnClaims {
	/** A manager was notified, or the handover row was written. */
	readonly handoverDone?: boolean;
	/** Also a booking that was moved or cancelled. */
	readonly bookingDone?: boolean;
	/** A payment was matched to this customer's order in this turn, or one was paid back. */
	readonly paymentConfirmed?: boolean;
	/** Free times or stock came from the business's own calendar. */
	readonly availabilityKnown?: boolean;
	/** An order was taken, or it is on its way. */
	readonly orderPlaced?: boolean;
	/** Something was sent beside this reply: a link, a file, an invoice. */
	readonly messageSent?: boolean;
	/** Any other action with a result: a discount applied, a stock checked. */
	readonly actionDone?: boolean;
}

type ClaimKind = 'booking' | 'change' | 'handover' | 'payment' | 'availability' | 'order' | 'sent' | 'action';

/** Violations of claims, with what would have to be true. */
export const CLAIM_KINDS: ReadonlyArray<{
	readonly kind: ClaimKind;
	readonly violation: string;
	readonly allowedBy: keyof TurnClaims;
}> = [
	{ kind: 'booking', violation: 'claimed_booking', allowedBy: 'bookingDone' },
	{ kind: 'change', violation: 'claimed_change', allowedBy: 'bookingDone' },
	{ kind: 'handover', violation: 'claimed_handover', allowedBy: 'handoverDone' },
	{ kind: 'payment', violation: 'claimed_payment', allowedBy: 'paymentConfirmed' },
	{ kind: 'availability', violation: 'claimed_availability', allowedBy: 'availabilityKnown' },
	{ kind: 'order', violation: 'claimed_order', allowedBy: 'orderPlaced' },
	{ kind: 'sent', violation: 'claimed_sent', allowedBy: 'messageSent' },
	{ kind: 'action', violation: 'claimed_action', allowedBy: 'actionDone' },
];
/** What a business may say about itself in general ("администратор перезвонит"), and a draft then too. */
const REPEATABLE: ReadonlySet<ClaimKind> = new Set<ClaimKind>(['handover', 'availability', 'action']);

const expand = (source: string): string =>
	source.replace(/\{(\p{L}+)\}/gu, (whole, name: string) => {
		const macro = (claims.macros as Readonly<Record<string, string>>)[name];
		return macro ?? whole;
	});
const LEFT = '(?<![\\p{L}\\p{N}])';
const compile = (sources: readonly string[]): RegExp => new RegExp(`${LEFT}(?:${sources.map(expand).join('|')})`, 'gu');
const wordOf = (sources: readonly string[]): RegExp =>
	new RegExp(`${LEFT}(?:${sources.join('|')})(?![\\p{L}\\p{N}])`, 'u');

const PATTERNS: Readonly<Record<ClaimKind, RegExp>> = {
	booking: compile(claims.booking),
	change: compile(claims.change),
	handover: compile(claims.handover),
	payment: compile(claims.payment),
	availability: compile(claims.availability),
	order: compile(claims.order),
	sent: compile(claims.sent),
	action: compile(claims.action),
};
const REMEMBERED_SENTENCES = 1_000;
const MAX_REMEMBERED_CHARS = 400;
const claimsOf = (kind: ClaimKind): ((sentence: string) => readonly string[]) =>
	remembered((sentence) => readClaims(sentence, kind), REMEMBERED_SENTENCES, MAX_REMEMBERED_CHARS);
/** The patterns are the dearest of the guard, and most replies are made of sentences that were sent before. */
const CLAIMS_IN: Readonly<Record<ClaimKind, (sentence: string) => readonly string[]>> = {
	booking: claimsOf('booking'),
	change: claimsOf('change'),
	handover: claimsOf('handover'),
	payment: claimsOf('payment'),
	availability: claimsOf('availability'),
	order: claimsOf('order'),
	sent: claimsOf('sent'),
	action: claimsOf('action'),
};
const CONDITIONAL = wordOf(claims.conditional);
const NEGATION = wordOf(claims.negation);
const ASKING = wordOf(claims.asking);
/** "передам менеджеру, если хотите", "запишу вас, напишите время". */
const OFFER_AFTER = wordOf([...claims.asking, 'если', 'егер']);
/** Kazakh conditional endings: "келсе", "қаласаңыз". */
const KAZAKH_CONDITIONAL = /\p{L}{2,}(?:са|се|саңыз|сеңіз|саныз|сениз)(?![\p{L}\p{N}])/u;
/** "бронь подтверждается", "заказ оформлен после оплаты": a rule, not an event. */
const RULE_AFTER =
	/^(?: \p{L}+)? ?(?:только |лишь )?(?:после (?!обеда|работы|\d)|при (?:оплате|предоплате|наличии|условии|записи)|если |когда |через \d|за \d|в течение |до \d|по (?:факту|предоплате|готовности)|(?:\p{L}+ )?(?:кейін|ішінде|соң|жағдайда)(?!\p{L}))/u;
/** "есть ли время, проверит администратор" tells no availability. */
const TO_BE_CHECKED =
	/(?<!\p{L})(?:уточн|провер|подскаж|посмотр|узна[ею]|зависит|тексер|нақтыла|қарап)\p{L}*|(?:есть|свобод\p{L}*|наличи\p{L}) ли(?!\p{L})|бар-жоғын/u;
const AVAILABLE =
	/(?<!\p{L})(?:свободн\p{L}*|окошк\p{L}*|окн[оа](?=[ :])|в наличии|доступн\p{L}*|на складе|слот\p{L}*|остал\p{L}+|бос (?:орын|уақыт|терезе)\p{L}*|орын бар|қолда бар|available)(?!\p{L})/u;
const FUTURE =
	/(?:передам|передадим|сообщу|сообщим|уведомлю|позову|направлю|свяж|перезвон|напиш|позвон|ответит|подключ|запиш|заброниру|зарезервиру|придерж|записыва|верну|вернем|возмест|компенсир|переключ|соедин|жеткізем|жібере|айтам|хабарлайм|берем|қосам|хабарлас|қоңырау шал|жазады|байланыс|қоям|аламын|брондайм|тіркейм|қайтарам)/u;

/**
 * Finds actions that a draft claims and that did not happen.
 *
 * Not a claim: a negated one ("вы не записаны"), one in a conditional clause ("чтобы мы вас записали"), a rule
 * ("бронь подтверждена только после оплаты"), an offer ("напишите время, и мы вас запишем"), the asking clause of a
 * question ("хотите, передам администратору?"). What the business itself says about its staff and stock may be
 * repeated; a booking, a change or a payment never.
 *
 * @param sentences of the draft (see `GuardText.claimSentences`)
 * @param sources   sentences of facts and retrieved chunks, in the same form
 */
export function claimViolations(
	sentences: readonly string[],
	sources: readonly string[],
	{ done, holdsLink }: { readonly done: TurnClaims; readonly holdsLink: boolean },
): string[] {
	const violations: string[] = [];
	for (const { kind, violation, allowedBy } of CLAIM_KINDS) {
		// The patterns of other actions are broad ("я оформила"); whichever action was done may be told in its words.
		if (done[allowedBy] === true || (kind === 'action' && Object.values(done).includes(true))) continue;
		const claimed = sentences.filter((sentence) => claimsIn(sentence, kind).length > 0);
		if (claimed.length === 0) continue;
		if (REPEATABLE.has(kind) && claimed.every((sentence) => isGiven(sentence, kind, sources))) continue;
		// "Отправила вам ссылку: https://…" sends it in this very text.
		if (kind === 'sent' && (holdsLink || claimed.every((sentence) => sentence.endsWith(':')))) continue;
		violations.push(violation);
	}
	return violations;
}

/** Kinds of action that a text states as done; announcements ("менеджер перезвонит") are none. */
export function statedClaims(text: string): ReadonlyArray<keyof TurnClaims> {
	const sentences = new GuardText(text).claimSentences;
	const isStated = (kind: ClaimKind): boolean =>
		sentences.some((sentence) => claimsIn(sentence, kind).some((claim) => !FUTURE.test(claim)));
	return CLAIM_KINDS.filter(({ kind }) => isStated(kind)).map(({ allowedBy }) => allowedBy);
}

function claimsIn(sentence: string, kind: ClaimKind): readonly string[] {
	return CLAIMS_IN[kind](sentence);
}

function readClaims(sentence: string, kind: ClaimKind): readonly string[] {
	if (kind === 'availability' && TO_BE_CHECKED.test(sentence)) return [];
	return [...sentence.matchAll(PATTERNS[kind])].filter((match) => isClaim(sentence, match)).map((match) => match[0]);
}

/** The business says the same kind of thing in the same words, or about the same subject. */
function isGiven(sentence: string, kind: ClaimKind, sources: readonly string[]): boolean {
	return claimsIn(sentence, kind).every((claim) =>
		sources.some(
			(source) =>
				source.includes(claim) ||
				(kind === 'availability' && tellsAvailability(source)) ||
				promisesSameStaff(claim, source),
		),
	);
}

/** "Свободно: 12:00, 15:00", "пионы: в наличии"; "если мастер свободен" tells nothing. */
function tellsAvailability(source: string): boolean {
	return (
		AVAILABLE.test(source) && !CONDITIONAL.test(source) && !/\?$|есть ли/u.test(source) && !deniesSomething(source)
	);
}

/** "менеджер свяжется" where the business writes "наш менеджер с вами свяжется". */
function promisesSameStaff(claim: string, source: string): boolean {
	const verb = /(?:свяж|перезвон|напиш|позвон|ответит|хабарлас|қоңырау шал|жауап бер)/u.exec(claim)?.[0];
	return verb !== undefined && source.includes(verb) && FUTURE.test(claim) && claimsIn(source, 'handover').length > 0;
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
	if (/^ (?:нет|не|жоқ|емес)(?!\p{L})/u.test(sentence.slice(end))) return false;
	if (CONDITIONAL.test(clauseBefore) || CONDITIONAL.test(match[0])) return false;
	if (sentence.endsWith('?') && !sentence.slice(end).includes(',')) return false;
	if (RULE_AFTER.test(sentence.slice(end))) return false;
	const offered =
		CONDITIONAL.test(earlier) ||
		KAZAKH_CONDITIONAL.test(before) ||
		ASKING.test(before) ||
		OFFER_AFTER.test(sentence.slice(end));
	return !(offered && FUTURE.test(match[0]));
}
