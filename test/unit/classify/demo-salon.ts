/** The demo salon's packs and turns built from a text, for the tests of classification and replies. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { parse } from 'yaml';

import { classifyIntent } from '../../../lib/classify/classify-intent';
import {
	TURN_ITEM_SCHEMA,
	type Attachment,
	type HistoryEntry,
	type ReplyLanguage,
	type TurnItem,
} from '../../../lib/item/turn-item';
import { parseClientPack } from '../../../lib/pack/client-pack';
import { parseDomainPack } from '../../../lib/pack/domain-pack';

const root = join(__dirname, '../../..');
export const SALON_DIR = join(root, 'demo/demo_salon');

const client = parseClientPack(parse(readFileSync(join(SALON_DIR, 'pack.yaml'), 'utf8')));
const domain = parseDomainPack(parse(readFileSync(join(root, 'packs/beauty_salon.yaml'), 'utf8')));
if (!client.ok) throw new Error(client.problems.join('\n'));
if (!domain.ok) throw new Error(domain.problems.join('\n'));

export const SALON = client.pack;
export const BEAUTY = domain.pack;
/** A Saturday, 12:00 in Almaty. */
export const SATURDAY_NOON = new Date('2026-11-21T07:00:00Z');

export interface TurnOptions {
	readonly history?: readonly HistoryEntry[];
	readonly attachments?: readonly Attachment[];
	readonly previousLanguage?: ReplyLanguage | null;
	readonly isFirstTurn?: boolean;
	readonly openHandoverId?: string | null;
}

export const said = (author: HistoryEntry['author'], text: string): HistoryEntry => ({
	author,
	text,
	at: '2026-11-21T06:59:00Z',
});

/** A classified turn of the demo salon. */
export function turn(text: string, options: TurnOptions = {}): TurnItem {
	const {
		history = [],
		attachments = [],
		previousLanguage = null,
		isFirstTurn = false,
		openHandoverId = null,
	} = options;
	return {
		schema: TURN_ITEM_SCHEMA,
		client: {
			id: 'client-1',
			slug: 'demo_salon',
			name: 'Салон красоты «Айнур»',
			timeZone: 'Asia/Almaty',
			defaultLanguage: 'ru',
			configVersion: 1,
		},
		branch: null,
		user: { id: 'user-1', displayName: 'Асель' },
		conversation: { id: 'conversation-1', channel: 'whatsapp', isFirstTurn, humanActive: false, openHandoverId },
		turn: { id: 'turn-1', attempt: 1, receivedAt: SATURDAY_NOON.toISOString(), messageIds: ['message-1'] },
		text,
		attachments,
		history,
		classification: classifyIntent({
			text,
			history,
			attachments,
			pack: SALON,
			domain: BEAUTY,
			previousLanguage,
			defaultLanguage: 'ru',
		}),
		retrieval: null,
		reply: null,
		handover: null,
		outcome: null,
		billing: [],
		notes: [],
	};
}
