import type { TurnItem } from '../item/turn-item';
import type { LlmMessage } from '../ports/llm';
import instructions from './instructions.json';
import { hidePersonalData, type RedactionPlan } from './redaction';
import { redactTurn, SHOWN_HISTORY } from './turn-redaction';

const MAX_HISTORY_CHARS = 400;
const MAX_TEXT_CHARS = 2_000;
const MAX_KNOWLEDGE_CHARS = 6_000;

export interface PromptInput {
	readonly item: TurnItem;
	/** The client's own facts for this turn. */
	readonly facts?: readonly string[];
	/** The client's active prompt from `prompts`, if any. */
	readonly businessPrompt?: string | null;
	readonly tone?: string | null;
	/** The refused draft's violations, for the one rewrite. */
	readonly rewrite?: { readonly draft: string; readonly violations: readonly string[] } | null;
	/** Placeholders for personal data; null only for a model on the business's own machine. Absent: made from the turn. */
	readonly redaction?: RedactionPlan | null;
}

/**
 * Builds the messages for one answer.
 *
 * Everything that customers or documents wrote stands in marked sections and is called data; marks inside it are
 * taken out, so that no text can close its section. What people wrote in the chat is shown with placeholders for
 * phones, cards, documents, addresses of e-mail and names.
 */
export function buildPrompt(input: PromptInput): LlmMessage[] {
	const { item } = input;
	const plan = input.redaction === undefined ? redactTurn(item, input.rewrite?.draft ?? null) : input.redaction;
	const shown = (text: string): string => asData(plan === null ? text : hidePersonalData(plan, text));
	const language = item.classification?.replyLanguage ?? item.client.defaultLanguage;
	const system = [
		...instructions.system.map((line) => line.replace('{business}', asData(item.client.name))),
		...(isFilled(input.businessPrompt) ? [input.businessPrompt] : []),
		...(isFilled(input.tone) ? [instructions.tone.replace('{tone}', asData(input.tone))] : []),
		...(plan !== null && plan.entries.size > 0 ? [instructions.placeholders] : []),
		instructions.language[language],
	].join('\n');

	const sections = [
		section('FACTS', (input.facts ?? item.reply?.facts ?? []).map(asData).join('\n')),
		section('KNOWLEDGE', knowledge(item)),
		section('CUSTOMER', shown(item.text).slice(0, MAX_TEXT_CHARS)),
	].join('\n\n');
	const messages: LlmMessage[] = [
		{ role: 'system', content: system },
		...history(item, shown),
		{ role: 'user', content: sections },
	];
	if (input.rewrite == null) return messages;
	return [
		...messages,
		{ role: 'assistant', content: shown(input.rewrite.draft) },
		{ role: 'system', content: instructions.rewrite.replace('{problems}', problemNames(input.rewrite.violations)) },
	];
}

function knowledge(item: TurnItem): string {
	let text = '';
	for (const chunk of item.retrieval?.chunks ?? []) {
		const part = asData(chunk.title === null ? chunk.text : `${chunk.title}\n${chunk.text}`);
		if (text.length + part.length > MAX_KNOWLEDGE_CHARS) break;
		text += text === '' ? part : `\n---\n${part}`;
	}
	return text;
}

function history(item: TurnItem, shown: (text: string) => string): LlmMessage[] {
	return item.history
		.filter(({ author }) => author !== 'system')
		.slice(-SHOWN_HISTORY)
		.map(({ author, text }) => ({
			role: author === 'user' ? 'user' : 'assistant',
			content: shown(text).slice(0, MAX_HISTORY_CHARS),
		}));
}

function section(name: string, content: string): string {
	return `<${name}>\n${content === '' ? '-' : content}\n</${name}>`;
}

/** Takes out what could pass for one of our section marks, in whichever brackets, and letters that nobody sees. */
function asData(text: string): string {
	return text
		.replace(/[\u200b-\u200f\u2060\ufeff]/gu, '')
		.replace(
			/[<＜‹〈⟨]\s*[/／]?\s*(?:facts|knowledge|customer|system|history|assistant)(?:[^>＞›〉⟩\n]*[>＞›〉⟩])?/giu,
			' ',
		);
}

function problemNames(violations: readonly string[]): string {
	const names: Readonly<Record<string, string>> = instructions.problems;
	return violations.map((violation) => names[violation] ?? violation).join(', ');
}

function isFilled(text: string | null | undefined): text is string {
	return text != null && text.trim() !== '';
}
