import { detectLanguage } from '../language/detect-language';
import type { HistoryEntry, ReplyLanguage } from './turn-item';

/** The language of our last reply in a history (oldest first); null when we have not answered yet or it cannot be told. */
export function previousReplyLanguage(history: readonly HistoryEntry[]): ReplyLanguage | null {
	for (let index = history.length - 1; index >= 0; index -= 1) {
		const entry = history[index];
		if (entry?.author !== 'bot') continue;
		const language = detectLanguage(entry.text);
		if (language === 'ru' || language === 'kk') return language;
	}
	return null;
}
