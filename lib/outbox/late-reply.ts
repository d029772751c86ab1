import { isLate } from '../conversation/lateness';
import type { HistoryEntry, ReplyLanguage } from '../item/turn-item';
import { text, variantsOf } from '../texts/text-catalogue';

const MINUTE_MS = 60_000;

/** An apology this fresh is not repeated: after an outage, late deliveries can make several turns of one conversation. */
const APOLOGY_LASTS_MS = 30 * MINUTE_MS;

/**
 * The reply with an apology for being late, behind the greeting if it has one; unchanged when it is on time, or when the
 * customer has read an apology a moment ago.
 *
 * @param receivedAt ISO 8601, of the first message that is answered
 */
export function apologiseWhenLate(
	reply: { readonly text: string; readonly language: ReplyLanguage },
	receivedAt: string,
	history: readonly HistoryEntry[],
	now: Date,
): string {
	const apology = text(reply.language, 'late_apology');
	const hasApologised = history.some(
		(entry) =>
			entry.author === 'bot' &&
			now.getTime() - Date.parse(entry.at) < APOLOGY_LASTS_MS &&
			(['ru', 'kk'] as const).some((language) => entry.text.includes(text(language, 'late_apology'))),
	);
	if (!isLate(new Date(receivedAt), now) || hasApologised) return reply.text;
	const greeting = variantsOf(reply.language, 'greeting_word').find((word) => reply.text.startsWith(word));
	if (greeting === undefined) return `${apology}\n\n${reply.text}`;
	return `${greeting} ${apology}\n\n${reply.text.slice(greeting.length).trimStart()}`;
}
