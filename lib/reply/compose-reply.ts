/**
 * Decides the answer to a classified turn from templates and facts, without a model.
 *
 * A reply never says that something was done: what was passed on is told by `handover-reply.ts`, after it was passed on.
 */
import type { HandoverReason, Intent, Reply, ReplyLanguage, TurnItem } from '../item/turn-item';
import { foldWords } from '../language/fold-text';
import type { ClientPack } from '../pack/client-pack';
import type { DomainPack } from '../pack/domain-pack';
import { isText, text, type TextKey, type TextOverrides } from '../texts/text-catalogue';
import { buildFactParts } from './fact-parts';
import { clarifyText, isClarification, unreadableMediaText } from './fixed-texts';

export interface ComposeContext {
	readonly pack: ClientPack | null;
	/** Lets a reply name services that exist in the domain but not at this client. */
	readonly domain?: DomainPack | null;
	readonly texts?: TextOverrides;
	readonly now: Date;
	/** 0..1, chooses among wordings; absent: the first. */
	readonly random?: number;
}

export type ComposeDecision =
	| { readonly kind: 'reply'; readonly reply: Reply }
	/** `answer`: what facts could already answer of a message that also asks something else. */
	| { readonly kind: 'needs_knowledge'; readonly query: string; readonly answer: Reply | null }
	| { readonly kind: 'handover'; readonly reason: HandoverReason; readonly answer: Reply | null };

const REASON_OF_INTENT: Readonly<Partial<Record<Intent, HandoverReason>>> = {
	complaint: 'complaint',
	ask_human: 'asked_for_human',
	booking: 'booking',
	reschedule_cancel: 'reschedule_cancel',
	payment: 'payment',
};

/** The decision for one turn. An unclassified item is handed over with reason `error`. */
export function composeReply(item: TurnItem, context: ComposeContext): ComposeDecision {
	const { classification } = item;
	if (classification === null) return { kind: 'handover', reason: 'error', answer: null };
	const language = classification.replyLanguage;
	switch (classification.route) {
		case 'handover':
			return {
				kind: 'handover',
				reason: handoverReason(item),
				answer: classification.intents.includes('complaint') ? null : factsReply(item, context),
			};
		case 'retrieval':
		case 'complex':
			return { kind: 'needs_knowledge', query: item.text, answer: factsReply(item, context) };
		case 'decline':
			return templateReply(item, context, 'off_topic');
		case 'clarify':
			return clarify(item, context);
		case 'facts':
		case 'template': {
			const facts = factsReply(item, context);
			if (facts === null && classification.route === 'template')
				return { kind: 'reply', reply: courtesyReply(item, context, language) };
			if (facts === null || asksBeyondFacts(item, context))
				return { kind: 'needs_knowledge', query: item.text, answer: null };
			// The business may have written how it answers a doubt; the facts alone are enough when it has not.
			return classification.intents[0] === 'objection'
				? { kind: 'needs_knowledge', query: item.text, answer: facts }
				: { kind: 'reply', reply: facts };
		}
	}
}

function handoverReason(item: TurnItem): HandoverReason {
	const classification = item.classification;
	if (classification === null) return 'error';
	const intent = classification.intents.find((candidate) => candidate in REASON_OF_INTENT);
	const reason = intent === undefined ? undefined : REASON_OF_INTENT[intent];
	return reason ?? (classification.sensitive ? 'sensitive' : 'no_answer');
}

/** Instalments and prepayment are questions of payment that the pack's one sentence may not answer. */
function asksBeyondFacts(item: TurnItem, context: ComposeContext): boolean {
	if (item.classification?.intents.includes('payment') !== true) return false;
	const words = foldWords(item.text);
	const known = foldWords(`${context.pack?.payment.ru ?? ''} ${context.pack?.payment.kk ?? ''}`);
	return ['расроч', 'частями', 'предоплат', 'болип', 'кредит', 'депозит'].some(
		(stem) => words.some((word) => word.startsWith(stem)) && !known.some((word) => word.startsWith(stem)),
	);
}

/** Facts of the message as one reply, or null when it asks for none or there is no pack. */
export function factsReply(item: TurnItem, context: ComposeContext): Reply | null {
	if (context.pack === null || item.classification === null) return null;
	const language = item.classification.replyLanguage;
	const asksPayment = item.classification.intents.includes('payment') && item.classification.route === 'handover';
	const parts = buildFactParts(item, {
		pack: context.pack,
		domain: context.domain ?? null,
		now: context.now,
		language,
	}).filter((part) => !(asksPayment && part.intent === 'payment'));
	if (parts.length === 0) return null;
	const mayAsk = item.classification.route === 'facts' || item.classification.route === 'template';
	const body = parts
		.map((part) =>
			mayAsk && part.closing !== null && (parts.length === 1 || part.closing.includes('?'))
				? closed(part.text, part.closing)
				: part.text,
		)
		.join('\n\n');
	return reply(
		greeted(item, body, context),
		language,
		'facts',
		parts.map((part) => part.text),
	);
}

function closed(body: string, closing: string): string {
	return `${body}${body.includes('\n') ? '\n' : ' '}${closing}`;
}

/** Puts a greeting in front when the customer greeted or writes for the first time. */
export function greeted(item: TurnItem, body: string, context: Pick<ComposeContext, 'texts'>): string {
	const classification = item.classification;
	if (classification === null) return body;
	const greets = classification.intents.includes('greeting') || item.conversation.isFirstTurn;
	if (!greets) return body;
	return `${text(classification.replyLanguage, 'greeting_word', {}, { overrides: context.texts })}${body.includes('\n') ? '\n' : ' '}${body}`;
}

function courtesyReply(item: TurnItem, context: ComposeContext, language: ReplyLanguage): Reply {
	const intents = item.classification?.intents ?? [];
	const isAcknowledgement = item.classification?.reason === 'acknowledgement';
	const key: TextKey = isAcknowledgement
		? 'acknowledged'
		: intents.includes('farewell')
			? 'farewell'
			: intents.includes('thanks')
				? 'thanks'
				: 'greeting_full';
	return reply(say(item, context, language, key), language, 'template', []);
}

function templateReply(item: TurnItem, context: ComposeContext, key: TextKey): ComposeDecision {
	const language = item.classification?.replyLanguage ?? item.client.defaultLanguage;
	return {
		kind: 'reply',
		reply: reply(greeted(item, say(item, context, language, key), context), language, 'template', []),
	};
}

/** Asks once what is meant; a second time in a row a person takes over. */
function clarify(item: TurnItem, context: ComposeContext): ComposeDecision {
	const language = item.classification?.replyLanguage ?? item.client.defaultLanguage;
	const [attachment] = item.attachments;
	if (foldWords(item.text).length === 0 && attachment !== undefined) {
		if (lastBotSaid(item, (said) => isText(said, `media_${attachment.kind}`)))
			return { kind: 'handover', reason: 'no_answer', answer: null };
		return {
			kind: 'reply',
			reply: reply(unreadableMediaText(language, attachment.kind, context.texts), language, 'template', []),
		};
	}
	if (lastBotSaid(item, (said) => isClarification(said)))
		return { kind: 'handover', reason: 'no_answer', answer: null };
	return {
		kind: 'reply',
		reply: reply(greeted(item, clarifyText(language, context.texts), context), language, 'template', []),
	};
}

function lastBotSaid(item: TurnItem, matches: (said: string) => boolean): boolean {
	const last = [...item.history].reverse().find((entry) => entry.author === 'bot');
	return last !== undefined && matches(last.text);
}

function say(item: TurnItem, context: ComposeContext, language: ReplyLanguage, key: TextKey): string {
	return text(
		language,
		key,
		{ client: context.pack?.name[language] ?? item.client.name },
		{ overrides: context.texts, random: context.random },
	);
}

/** A first draft: not yet checked by the guard. */
export function reply(body: string, language: ReplyLanguage, source: Reply['source'], facts: readonly string[]): Reply {
	return { text: body, language, source, facts, guard: null, rewrites: 0 };
}
