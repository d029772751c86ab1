/** What the stand-in model says: a scripted rule, or a sensible answer assembled from the prompt itself. */

export interface ChatRule {
	/** Part of what the customer asked, any case; or `/pattern/flags`. */
	readonly when: string;
	readonly reply: string;
}

export interface ChatMessage {
	readonly role: string;
	readonly text: string;
}

const KAZAKH_LETTER = /[әғқңөұүһі]/i;
const MAX_RULE_INPUT_CHARS = 20_000;
const MAX_LINES = 400;

/** What the customer asked: the customer's section of the last user message, or all of it; empty when there is none. */
export function askedText(messages: readonly ChatMessage[]): string {
	return splitQuestion(messages).question;
}

/** The reply of the first rule that matches, or null. A pattern that does not compile never matches. */
export function matchRule(rules: readonly ChatRule[], text: string): string | null {
	const input = text.slice(0, MAX_RULE_INPUT_CHARS);
	return rules.find((rule) => ruleMatches(rule.when, input))?.reply ?? null;
}

function ruleMatches(when: string, text: string): boolean {
	const pattern = /^\/(.+)\/([a-z]*)$/s.exec(when);
	if (pattern === null) return text.toLowerCase().includes(when.toLowerCase());
	try {
		return new RegExp(pattern[1] as string, pattern[2]).test(text);
	} catch {
		return false;
	}
}

/** A line of the context, with what stands above it: a heading tells what its answer is about, but is no answer. */
interface ContextLine {
	readonly line: string;
	readonly subject: string;
}

/** The path of headings that the knowledge of a chunk begins with, or a question as a heading. */
const HEADING = /\s›\s|^#{1,6}\s|\?\s*(?:\/|$)/u;

function contextLines(context: readonly string[]): readonly ContextLine[] {
	let heading = '';
	return context
		.flatMap((text) => ['---', ...text.split(/\n+/)])
		.flatMap((raw) => {
			if (/^-{3,}$/u.test(raw.trim())) heading = '';
			else if (HEADING.test(raw)) heading = raw;
			const line = raw.replace(/^[\s>*#\-–•\d.)]*\s(?=\S)/, '').trim();
			return line.length <= 8 || raw === heading ? [] : [{ line, subject: `${heading} ${line}` }];
		})
		.slice(-MAX_LINES);
}

/**
 * Answers from the prompt: the two lines of the context that share most with the question, in its language where there are any.
 * It invents nothing, so an honest prompt gives an honest answer.
 */
export function answerFromPrompt(messages: readonly ChatMessage[]): string {
	const { question, context } = splitQuestion(messages);
	const asked = new Set(stems(question));
	const isKazakh = KAZAKH_LETTER.test(question);
	const all = contextLines(context);
	const own = all.filter(({ line }) => KAZAKH_LETTER.test(line) === isKazakh);
	const lines = own.length > 0 ? own : all;
	const spread = new Map<string, number>();
	for (const { subject } of lines)
		for (const stem of new Set(stems(subject))) spread.set(stem, (spread.get(stem) ?? 0) + 1);
	const best = lines
		.map(({ line, subject }) => ({ line, score: scoreLine(subject, asked, spread, lines.length) }))
		.filter(({ score }) => score > 0)
		.sort((a, b) => b.score - a.score)
		.slice(0, 2)
		.map(({ line }) => line);
	if (best.length > 0) return [...new Set(best)].join('\n');
	return isKazakh
		? 'Нақтырақ айтып жіберіңізші, сізді не қызықтырады?'
		: 'Уточните, пожалуйста, что именно вас интересует?';
}

/** `invent_price`: a price, a discount and actions that nobody gave it. */
export function inventedAnswer(messages: readonly ChatMessage[]): string {
	return KAZAKH_LETTER.test(askedText(messages))
		? 'Бұл қызмет 3 333 ₸ тұрады, ертеңге дейін 57% жеңілдік бар. Сізді сағат 15:45-ке жазып қойдым.'
		: 'Эта услуга стоит 3 333 ₸, до завтра скидка 57 %. Я вас уже записала на 15:45 и передала менеджеру.';
}

/** An answer for `response_format`: an instance of the JSON schema, or an object with the usual fields. */
export function jsonAnswer(messages: readonly ChatMessage[], schema: unknown): string {
	if (schema !== null) return JSON.stringify(instanceOf(schema, 0));
	const question = askedText(messages);
	const language = KAZAKH_LETTER.test(question) ? 'kk' : 'ru';
	return JSON.stringify({
		intent: 'question_other',
		intents: ['question_other'],
		confidence: 0.6,
		language,
		reply: answerFromPrompt(messages),
	});
}

/**
 * Parts question and context. Routers often put both into one user message: in marked sections, where the last one
 * is the customer's (`<FACTS>…</FACTS> <CUSTOMER>…</CUSTOMER>`), or in paragraphs, where the last one is.
 */
function splitQuestion(messages: readonly ChatMessage[]): { question: string; context: string[] } {
	const last = [...messages].reverse().find((message) => message.role === 'user')?.text ?? '';
	const sections = [...last.matchAll(/<([A-Z][A-Z_]{2,})>\n?([\s\S]*?)\n?<\/\1>/g)].map((match) => match[2] as string);
	if (sections.length > 1) return { question: sections.at(-1) ?? '', context: sections.slice(0, -1) };
	const context = messages
		.filter((message) => message.role === 'system' || message.role === 'developer')
		.map((message) => message.text);
	const paragraphs = last.split(/\n+/).filter((part) => part.trim() !== '');
	if (paragraphs.length < 3) return { question: last, context };
	return { question: paragraphs.at(-1) ?? last, context: [...context, paragraphs.slice(0, -1).join('\n')] };
}

/** First five letters of each longer word: enough for Russian and Kazakh endings. */
function stems(text: string): string[] {
	return (text.toLowerCase().match(/[\p{L}\p{N}]{3,}/gu) ?? []).map((word) => word.slice(0, 5));
}

function scoreLine(
	line: string,
	asked: ReadonlySet<string>,
	spread: ReadonlyMap<string, number>,
	total: number,
): number {
	let score = 0;
	for (const stem of new Set(stems(line))) {
		if (asked.has(stem)) score += Math.log(1 + total / (spread.get(stem) ?? 1));
	}
	// Long lines collect matches by chance.
	return score / Math.sqrt(1 + line.length / 200);
}

function instanceOf(schema: unknown, depth: number): unknown {
	if (typeof schema !== 'object' || schema === null || depth > 8) return null;
	const node = schema as Record<string, unknown>;
	if (node['const'] !== undefined) return node['const'];
	if (Array.isArray(node['enum'])) return node['enum'][0];
	const type = Array.isArray(node['type']) ? node['type'][0] : node['type'];
	if (type === 'object') {
		return Object.fromEntries(
			Object.entries((node['properties'] ?? {}) as Record<string, unknown>).map(([key, value]) => [
				key,
				instanceOf(value, depth + 1),
			]),
		);
	}
	if (type === 'array') return [];
	if (type === 'number' || type === 'integer') return typeof node['minimum'] === 'number' ? node['minimum'] : 0;
	if (type === 'boolean') return false;
	if (type === 'null') return null;
	return '';
}
