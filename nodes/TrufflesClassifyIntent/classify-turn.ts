import { classifyIntent } from '../../lib/classify/classify-intent';
import type { TurnItem } from '../../lib/item/turn-item';
import { previousReplyLanguage } from '../../lib/item/previous-language';
import type { Platform } from '../shared/platform';
import { clientBranches } from './client-branches';

/** The item with its classification by the local layers, from the packs, branches and settings of its client. */
export async function classifyTurn(platform: Platform, item: TurnItem): Promise<TurnItem> {
	const { client, domain, settings } = await platform.packs(item.client.id, item.client.configVersion);
	const classification = classifyIntent({
		text: item.text,
		history: item.history,
		attachments: item.attachments,
		pack: client,
		domain,
		previousLanguage: previousReplyLanguage(item.history),
		defaultLanguage: item.client.defaultLanguage,
		stopWords: settings.stopWords,
		branches: await clientBranches(platform, item),
	});
	return { ...item, classification };
}
