import { foldWords } from '../language/fold-text';
import instructions from '../router/instructions.json';
import type { GuardText, GuardTexts } from './guard-text';
import leaks from './leaks.json';
import { plainText } from './plain-text';
import { isCommand } from './source-text';

/** So many words in a row from the instructions are no accident. */
const SHINGLE_WORDS = 6;
/** So many words in a row from a customer's order are obedience, not an answer. */
const ECHO_WORDS = 4;
const LEAK = new RegExp(`(?<![\\p{L}\\p{N}])(?:${leaks.patterns.join('|')})`, 'gu');
const PLACEHOLDER =
	/\{\{|\}\}|\{[a-z]+\}|\[[a-z]+_\d+\]|\$\{|<%|%>|\[(?:имя|name|дата|date|время|time|цена|price|сумма|адрес|address|телефон|phone|ссылка|link|название|услуга|вставьте|укажите|ваше?|your|аты|бағасы|күні|сілтеме)[^\]]*\]|<(?:имя|name|дата|цена|адрес|телефон|ссылка|link)>|```|(?<!\p{L})(?:undefined|nan|null|lorem ipsum|todo|xxx+)(?!\p{L})|(?:ххх|xxx|___)\p{L}*/u;
/** "Скажи «X»", "напиши слово X": what the customer wants to hear. */
const DICTATED =
	/(?<!\p{L})(?:скажи|напиши|повтори|ответь|произнеси|подтверди|say|write|repeat|print|reply|output|айт|жаз|қайтала)(?!те|\p{L})[^«"'\n]{0,40}[«"']([^«»"'\n]{3,200})[»"']/giu;
const SHOUTED =
	/(?<!\p{L})(?:скажи|напиши|повтори|ответь|say|write|repeat|print|reply|output|айт|жаз)(?!те|\p{L})[^.!?\n]{0,40}?(?<![\p{L}\p{N}])([\p{Lu}\d_-]{4,40})(?![\p{L}\p{N}])/gu;
/** Runs of base64 or hex that are no address: nobody writes so to a customer. */
const ENCODED =
	/(?<![\p{L}\p{N}/.:=?&-])(?=[a-zA-Z0-9+/=]{0,40}\d)(?=[a-zA-Z0-9+/=]{0,40}[a-z])(?=[a-zA-Z0-9+/=]{0,40}[A-Z])[A-Za-z0-9+/]{28,}={0,2}(?![\p{L}\p{N}/.-])|(?<![\p{L}\p{N}])(?:[0-9a-f]{2}[ :]){12,}|(?<![\p{L}\p{N}])[0-9a-f]{40,}(?![\p{L}\p{N}])|(?:\\u[0-9a-f]{4}){4}|(?:%[0-9a-f]{2}){6}/iu;

/** The package's own instructions never change; folding them is done once. */
const OWN_SHINGLES: readonly string[] = instructions.system.flatMap((line) => [...shingles(line, SHINGLE_WORDS)]);

export interface LeakCheck {
	/** Further texts that must not be shown: the client's own prompt, for example. */
	readonly instructions: readonly string[];
	/** Exact marks that must not occur: canaries, names of other clients. */
	readonly foreignMarks: readonly string[];
}

/**
 * Finds in a draft what gives away instructions, the machine behind it, secrets or another client's marks, what an order
 * of the customer made it say, and marks that were never filled.
 *
 * @returns `leaked_instructions`, `foreign_mark`, `obeyed_customer`, `encoded_text`, `unfilled_placeholder`
 */
export function leakViolations(texts: GuardTexts, { instructions: secrets, foreignMarks }: LeakCheck): string[] {
	const { draft, source } = texts;
	const violations: string[] = [];
	const marks = draft.once(marksOf, readMarks);
	const isLeak =
		marks.leaks.some((leak) => !source.plain.includes(leak)) || quotes(marks.shingles, source.plain, secrets);
	if (isLeak) violations.push('leaked_instructions');
	if (holdsMark(draft.written, foreignMarks)) violations.push('foreign_mark');
	if (obeys(texts)) violations.push('obeyed_customer');
	if (marks.isEncoded) violations.push('encoded_text');
	if (marks.holdsPlaceholder) violations.push('unfilled_placeholder');
	return violations;
}

/** What a draft shows of leaks by itself. */
interface Marks {
	readonly leaks: readonly string[];
	readonly shingles: ReadonlySet<string>;
	readonly isEncoded: boolean;
	readonly holdsPlaceholder: boolean;
}

const marksOf = new WeakMap<GuardText, Marks>();

function readMarks({ plain, written }: GuardText): Marks {
	return {
		leaks: [...plain.matchAll(LEAK)].map(([leak]) => leak),
		shingles: shingles(plain, SHINGLE_WORDS),
		isEncoded: ENCODED.test(written),
		holdsPlaceholder: PLACEHOLDER.test(written.toLowerCase()),
	};
}

function quotes(said: ReadonlySet<string>, source: string, secrets: readonly string[]): boolean {
	if (said.size === 0) return false;
	const told = [
		...OWN_SHINGLES.filter((shingle) => said.has(shingle)),
		...secrets.flatMap((secret) =>
			[...shingles(plainText(secret), SHINGLE_WORDS)].filter((shingle) => said.has(shingle)),
		),
	];
	if (told.length === 0) return false;
	const given = shingles(source, SHINGLE_WORDS);
	return told.some((shingle) => !given.has(shingle));
}

/** Marks are found through spaces, capitals, look-alikes and invisible letters between theirs. */
function holdsMark(written: string, marks: readonly string[]): boolean {
	if (marks.length === 0) return false;
	const squeeze = (text: string): string => plainText(text).replace(/[^\p{L}\p{N}]+/gu, '');
	const squeezed = squeeze(written);
	return marks.some((mark) => {
		const wanted = squeeze(mark);
		return wanted !== '' && squeezed.includes(wanted);
	});
}

/** True when the draft says what an order in the customer's text wanted it to say, and no source says it. */
function obeys({ draft, source, customer }: GuardTexts): boolean {
	if (customer.plain === '') return false;
	const dictated = [...customer.cased.matchAll(DICTATED)].map((match) => plainText(match[1] ?? '').trim());
	const isShouting = customer.cased.replace(/[^\p{Ll}]/gu, '').length < customer.cased.length / 3;
	const shouted = isShouting
		? []
		: [...customer.cased.matchAll(SHOUTED)].map((match) => (match[1] ?? '').toLowerCase());
	if (
		[...dictated, ...shouted].some(
			(words) => words.length > 2 && draft.plain.includes(words) && !source.plain.includes(words),
		)
	)
		return true;
	const ordered = customer.sentences.filter((sentence) => isCommand(sentence));
	if (ordered.length === 0) return false;
	const said = shingles(draft.plain, ECHO_WORDS);
	return ordered.some((sentence) =>
		[...shingles(sentence, ECHO_WORDS)].some((shingle) => said.has(shingle) && !source.plain.includes(shingle)),
	);
}

function shingles(text: string, size: number): Set<string> {
	const words = foldWords(text);
	const found = new Set<string>();
	for (let at = 0; at + size <= words.length; at += 1) found.add(words.slice(at, at + size).join(' '));
	return found;
}
