import type { GuardVerdict, ReplyLanguage } from '../item/turn-item';
import { foldWords } from '../language/fold-text';
import instructions from '../router/instructions.json';
import { claimViolations, type TurnClaims } from './check-claims';
import { discountViolations, inventedAddress } from './check-promises';
import { plainText } from './plain-text';
import { readQuantities, type ClockTime, type Quantities } from './quantities';

export type { TurnClaims } from './check-claims';

/** Messengers fold longer texts, and no honest short answer needs more. */
const MAX_REPLY_CHARS = 1500;
/** So many words in a row from the instructions are no accident. */
const LEAK_SHINGLE_WORDS = 6;
const HALF_DAY_MINUTES = 12 * 60;

const LEAK_PATTERN =
	/system prompt|(?:системн\p{L}+|скрыт\p{L}+|внутренн\p{L}+) (?:промпт|инструкци|сообщени|правил)\p{L}*|мо[ия] (?:инструкци|промпт|систем)\p{L}*|(?:инструкци|промпт)\p{L}* (?:гласит|говорит|запреща|такие|такая|следующ)|жүйелік (?:нұсқау|промпт|хабар)\p{L}*|менің нұсқау\p{L}*|<\/?(?:facts|knowledge|history|customer|system)>|\[?(?:system|assistant)\]?:|(?:^|\n)(?:facts|knowledge):|api[ _-]?key|as an ai|как (?:языковая модель|ии[ -]|искусственный интеллект)|тілдік модель/u;
const PLACEHOLDER_PATTERN =
	/\{\{|\}\}|\{[a-z_]+\}|\[(?:имя|name|дата|время|цена|адрес|телефон|ссылка|link|price|аты|бағасы)[^\]]*\]|```|(?<!\p{L})(?:undefined|nan|null)(?!\p{L})/u;

export interface ReplyCheck {
	readonly draft: string;
	readonly language: ReplyLanguage;
	/** The client's own texts this turn may quote. */
	readonly facts: readonly string[];
	readonly retrieved: readonly string[];
	/** Times and phone numbers the customer wrote may be repeated to them; amounts, percents and links may not. */
	readonly customerText: string;
	readonly claims: TurnClaims;
	/** 0 for the first draft: a violation asks for a rewrite. From 1 on it refuses. */
	readonly rewrites: number;
	/** Further texts that must not be shown: the client's own prompt, for example. */
	readonly instructions?: readonly string[];
}

/**
 * Decides whether a draft may be sent: nothing in it that the business did not say and nothing that did not happen
 * (design, promise 6), no leaked instructions.
 *
 * @returns violations in a fixed order, each once: `amount_not_in_facts`, `percent_not_in_facts`, `discount_not_in_facts`,
 *          `time_not_in_facts`, `duration_not_in_facts`, `phone_not_in_facts`, `link_not_in_facts`, `address_not_in_facts`,
 *          `claimed_booking|change|handover|payment|availability`, `leaked_instructions`, `unfilled_placeholder`, `too_long`, `empty`
 */
export function checkReply(check: ReplyCheck): GuardVerdict {
	const violations = findViolations(check);
	if (violations.length === 0) return { kind: 'passed', violations: [] };
	return { kind: check.rewrites === 0 ? 'rewrite' : 'refused', violations };
}

function findViolations(check: ReplyCheck): string[] {
	if (check.draft.trim() === '') return ['empty'];
	const draft = plainText(check.draft);
	const sourceTexts = [...check.facts, ...check.retrieved];
	const sources = sourceTexts.map(plainText);
	const violations = [
		...quantityViolations(
			readQuantities(check.draft),
			readQuantities(sourceTexts.join('\n')),
			readQuantities(check.customerText),
		),
		...discountViolations(draft, sources),
		...(inventedAddress(draft, sources) ? ['address_not_in_facts'] : []),
		...claimViolations(draft, sources, check.claims),
	];
	if (leaks(draft, sources, check.instructions ?? [])) violations.push('leaked_instructions');
	if (PLACEHOLDER_PATTERN.test(draft)) violations.push('unfilled_placeholder');
	if (check.draft.length > MAX_REPLY_CHARS) violations.push('too_long');
	return violations;
}

function quantityViolations(draft: Quantities, given: Quantities, customer: Quantities): string[] {
	const violations: string[] = [];
	const require = (violation: string, held: boolean): void => {
		if (!held) violations.push(violation);
	};
	require('amount_not_in_facts', draft.amounts.every((amount) => given.amounts.includes(amount)));
	require('percent_not_in_facts', draft.percents.every((percent) => given.percents.includes(percent)));
	require('time_not_in_facts', draft.times.every((time) =>
		[...given.times, ...customer.times].some((known) => sameTime(time, known)),
	));
	require('duration_not_in_facts', draft.durations.every((minutes) => given.durations.includes(minutes)));
	require('phone_not_in_facts', draft.phones.every((phone) =>
		[...given.phones, ...customer.phones].some((known) => samePhone(phone, known)),
	));
	require('link_not_in_facts', draft.links.every((link) => given.links.includes(link)));
	return violations;
}

function sameTime(a: ClockTime, b: ClockTime): boolean {
	if (a.minutes === b.minutes) return true;
	return (a.loose || b.loose) && a.minutes % HALF_DAY_MINUTES === b.minutes % HALF_DAY_MINUTES;
}

/** A short number ("22-33-44") counts when it ends a known one. */
function samePhone(written: string, known: string): boolean {
	return written === known || (written.length >= 6 && known.length > written.length && known.endsWith(written));
}

/** Folding is the dearest part of a check; the package's own instructions never change. */
const OWN_SHINGLES: readonly string[] = instructions.system.flatMap((line) => [...shingles(line)]);

function leaks(draft: string, sources: readonly string[], secrets: readonly string[]): boolean {
	if (LEAK_PATTERN.test(draft)) return true;
	const said = shingles(draft);
	const told = [...OWN_SHINGLES, ...secrets.flatMap((secret) => [...shingles(secret)])].filter((shingle) =>
		said.has(shingle),
	);
	if (told.length === 0) return false;
	const given = new Set(sources.flatMap((source) => [...shingles(source)]));
	return told.some((shingle) => !given.has(shingle));
}

function shingles(text: string): Set<string> {
	const words = foldWords(text);
	const found = new Set<string>();
	for (let at = 0; at + LEAK_SHINGLE_WORDS <= words.length; at += 1)
		found.add(words.slice(at, at + LEAK_SHINGLE_WORDS).join(' '));
	return found;
}
