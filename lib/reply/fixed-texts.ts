/** Texts that need neither facts nor history. */
import type { Attachment, ReplyLanguage } from '../item/turn-item';
import { isText, text, type TextOverrides } from '../texts/text-catalogue';

/** True when a bot message was our request to say it in other words. */
export function isClarification(said: string): boolean {
	const withoutGreeting = said.replace(/^(?:Здравствуйте|Сәлеметсіз бе)!\s/u, '');
	return isText(withoutGreeting, 'clarify');
}

/** Built-in text when everything failed. `passed` only when a handover was recorded. */
export function fallbackText(language: ReplyLanguage, passed = false, overrides?: TextOverrides): string {
	return text(language, passed ? 'fallback_passed' : 'fallback', {}, { overrides });
}

/** Request to say it in other words. */
export function clarifyText(language: ReplyLanguage, overrides?: TextOverrides): string {
	return text(language, 'clarify', {}, { overrides });
}

/** Answer to an attachment that came without text. */
export function unreadableMediaText(
	language: ReplyLanguage,
	kind: Attachment['kind'],
	overrides?: TextOverrides,
): string {
	return text(language, `media_${kind}`, {}, { overrides });
}
