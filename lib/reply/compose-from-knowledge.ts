/**
 * Answers from retrieved knowledge without a model: the one entry whose question fits best, in its own words.
 *
 * Knowledge is written as headings (the question, in both languages) with a paragraph per language below. An entry is
 * quoted as it stands; nothing is joined or reworded, so the answer says what the business wrote.
 */
import type { Reply, ReplyLanguage, RetrievedChunk, TurnItem } from '../item/turn-item';
import { UNSURE_BELOW } from '../classify/classify-intent';
import { isCommonWord, languageEvidence } from '../language/detect-language';
import { foldWords } from '../language/fold-text';
import { isOneEditAway } from '../language/token-match';
import { factsReply, greeted, reply, type ComposeContext } from './compose-reply';
import { clarifyText, isClarification } from './fixed-texts';

interface Entry {
	readonly heading: string;
	readonly paragraphs: readonly string[];
}

/*
 * From here on the best chunk is quoted: it is relevant, and the more it leads before the next one, the less relevant it has to be.
 * Calibrated on the first half of test/eval/retrieval; docs/evaluation.md has the figures of both halves.
 */
const QUOTED_FROM: ReadonlyArray<{ readonly relevance: number; readonly lead: number }> = [
	{ relevance: 0.5, lead: 1 },
	{ relevance: 0.3, lead: 1.2 },
	{ relevance: 0.2, lead: 1.35 },
	{ relevance: 0.14, lead: 2 },
];
/** A section that is a price list is near to every question about its services; an entry that is nearly as near goes first. */
const NEARLY = 0.8;
const MAX_ANSWER_CHARS = 600;

/**
 * A reply from the item's retrieval, or null when no entry fits (the caller hands over).
 * A message that could not be understood at all is asked to be said in other words once.
 *
 * @param context with a pack: facts that the same message asks for are put in front
 */
export function composeFromKnowledge(item: TurnItem, context?: ComposeContext): Reply | null {
	const classification = item.classification;
	if (classification === null) return null;
	const language = classification.replyLanguage;
	const facts = context === undefined ? null : factsReply(item, context);
	const answer = item.retrieval === null ? null : bestAnswer(item.text, item.retrieval.chunks, language);
	if (answer !== null) {
		const body = facts === null ? greeted(item, answer, { texts: context?.texts }) : `${facts.text}\n\n${answer}`;
		return reply(body, language, 'knowledge', [...(facts?.facts ?? []), answer]);
	}
	if (facts !== null && (classification.route === 'facts' || classification.route === 'template')) return facts;
	return facts === null && isVague(item)
		? reply(greeted(item, clarifyText(language, context?.texts), { texts: context?.texts }), language, 'template', [])
		: null;
}

/** Nothing was recognised, it is no question, and we have not just asked to say it in other words. */
function isVague(item: TurnItem): boolean {
	const lastBot = [...item.history].reverse().find((entry) => entry.author === 'bot');
	if (lastBot !== undefined && isClarification(lastBot.text)) return false;
	return (item.classification?.confidence ?? 0) < UNSURE_BELOW && !item.text.includes('?');
}

function bestAnswer(question: string, chunks: readonly RetrievedChunk[], language: ReplyLanguage): string | null {
	const ranked = [...chunks].sort((a, b) => b.relevance - a.relevance);
	const nearest = ranked[0]?.relevance ?? 0;
	const isPriceList = ({ text }: RetrievedChunk): boolean => text.split(/\n\s*\n/u).some(isTable);
	const best = ranked.find((chunk) => !isPriceList(chunk) && chunk.relevance >= nearest * NEARLY) ?? ranked[0];
	const next = ranked.find((chunk) => chunk !== best && (best === ranked[0] || chunk !== ranked[0]));
	if (best === undefined) return null;
	const lead = next === undefined || next.relevance === 0 ? Infinity : best.relevance / next.relevance;
	if (!QUOTED_FROM.some((bar) => best.relevance >= bar.relevance && lead >= bar.lead)) return null;
	const entry = bestEntry(question, entriesOf(best));
	return entry === undefined ? null : inLanguage(entry, language);
}

/** A long chunk holds several headed entries: the one that shares most words with the question. */
function bestEntry(question: string, entries: readonly Entry[]): Entry | undefined {
	const words = tellingWords(question);
	const share = (entry: Entry): number => {
		const text = foldWords([entry.heading, entry.heading, ...entry.paragraphs].join(' '));
		return words.filter((word) => text.some((other) => sameStem(word, other))).length;
	};
	return [...entries].sort((a, b) => share(b) - share(a))[0];
}

/** The entry's lines in the reply's language; when it has none in it, those it has. */
function inLanguage(entry: Entry, language: ReplyLanguage): string | null {
	const lines = entry.paragraphs
		.filter((paragraph) => !isTable(paragraph))
		.flatMap((paragraph) => withoutMarkdown(paragraph).split('\n'))
		.filter((line) => line.trim() !== '');
	let isKazakh = false;
	const fitting = lines.filter((line) => {
		const { ru, kk } = languageEvidence(line);
		if (ru !== kk) isKazakh = kk > ru;
		return isKazakh === (language === 'kk');
	});
	const chosen = (fitting.length > 0 ? fitting : lines).join('\n');
	if (chosen === '') return null;
	return chosen.length <= MAX_ANSWER_CHARS ? chosen : firstSentences(chosen);
}

const MIN_TABLE_COLUMNS = 3;

/** Rows of a price list say everything at once and answer nothing; prices are told from the facts. */
function isTable(paragraph: string): boolean {
	const rows = paragraph.split('\n').filter((row) => row.trim() !== '');
	return rows.length > 1 && rows.every((row) => row.split(/\s—\s|\|/u).length >= MIN_TABLE_COLUMNS);
}

function firstSentences(value: string): string {
	let kept = '';
	for (const sentence of value.split(/(?<=[.!?…])\s+/u)) {
		if (kept.length + sentence.length > MAX_ANSWER_CHARS) break;
		kept = kept === '' ? sentence : `${kept} ${sentence}`;
	}
	return kept === '' ? [...value].slice(0, MAX_ANSWER_CHARS - 1).join('') + '…' : kept;
}

/** A chunk may hold several headed entries; text before the first heading belongs to the chunk's title. */
function entriesOf(chunk: RetrievedChunk): readonly Entry[] {
	const entries: Array<{ heading: string; paragraphs: string[] }> = [{ heading: chunk.title ?? '', paragraphs: [] }];
	for (const block of chunk.text.split(/\n\s*\n|\n(?=#)/u)) {
		const heading = /^#{1,6}\s+(.+?)(?:\n|$)/u.exec(block.trim());
		const rest = heading === null ? block.trim() : block.trim().slice(heading[0].length).trim();
		if (heading !== null) entries.push({ heading: heading[1] ?? '', paragraphs: [] });
		if (rest !== '') entries.at(-1)?.paragraphs.push(rest);
	}
	return entries.filter((entry) => entry.paragraphs.length > 0);
}

function withoutMarkdown(paragraph: string): string {
	return paragraph
		.replace(/^>\s?/gmu, '')
		.replace(/^\s*[-*]\s+/gmu, '• ')
		.replace(/\[([^\]]+)\]\([^)]*\)/gu, '$1')
		.replace(/\*\*|__|`/gu, '')
		.trim();
}

const MIN_TELLING_LETTERS = 4;
const SHARED_STEM = 0.65;

function tellingWords(question: string): readonly string[] {
	const words = foldWords(question);
	const telling = words.filter((word) => word.length >= MIN_TELLING_LETTERS && !isCommonWord(word));
	return telling.length > 0 ? telling : words.filter((word) => word.length >= MIN_TELLING_LETTERS);
}

/** Equal but for endings: the common beginning is at least four letters and most of the shorter word. */
function sameStem(a: string, b: string): boolean {
	if (a === b) return true;
	const shorter = Math.min(a.length, b.length);
	if (shorter < MIN_TELLING_LETTERS) return false;
	let common = 0;
	while (common < shorter && a[common] === b[common]) common++;
	return common >= Math.max(MIN_TELLING_LETTERS, Math.ceil(shorter * SHARED_STEM)) || isOneEditAway(a, b);
}
