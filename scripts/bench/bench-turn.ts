import { TURN_ITEM_SCHEMA, type TurnItem } from '../../lib/item/turn-item';

const AT = '2026-11-21T07:00:00.000Z';

/** A usual turn that needs a model: six earlier messages, three chunks, a phone in the text; each number is another question. */
export function benchTurn(clientId: string, number: number): TurnItem {
	const chunk = (
		index: number,
	): { id: string; title: string; source: string; score: number; relevance: number; text: string } => ({
		id: `chunk-${index}`,
		title: 'Шугаринг',
		source: 'faq.md',
		score: 1,
		relevance: 1,
		text: 'Шугаринг длится около часа, перед процедурой волоски должны отрасти до пяти миллиметров. '.repeat(4),
	});
	return {
		schema: TURN_ITEM_SCHEMA,
		client: {
			id: clientId,
			slug: 'demo_salon',
			name: 'Салон красоты «Айнур»',
			timeZone: 'Asia/Almaty',
			defaultLanguage: 'ru',
			configVersion: 1,
		},
		branch: null,
		user: { id: 'user', displayName: 'Айгуль' },
		conversation: {
			id: 'conversation',
			channel: 'whatsapp',
			isFirstTurn: false,
			humanActive: false,
			openHandoverId: null,
		},
		turn: { id: 'turn', attempt: 1, receivedAt: AT, messageIds: [] },
		text: `Меня зовут Айгуль, мой номер +7 701 123-45-67. Больно ли делать шугаринг и как подготовиться? ${number}`,
		attachments: [],
		history: Array.from({ length: 6 }, (_, index) => ({
			author: index % 2 === 0 ? ('user' as const) : ('bot' as const),
			text: index % 2 === 0 ? 'А сколько это по времени занимает?' : 'Процедура занимает около часа.',
			at: AT,
		})),
		classification: {
			intent: 'question_other',
			intents: ['question_other'],
			confidence: 0.8,
			language: 'ru',
			replyLanguage: 'ru',
			entities: { services: [], dateTimes: [], branch: null, amountsTiyn: [], name: 'Айгуль', hasPhone: true },
			route: 'retrieval',
			reason: 'bench',
			sensitive: false,
		},
		retrieval: { engine: 'lexical', query: 'шугаринг', chunks: [chunk(1), chunk(2), chunk(3)], nothingRelevant: false },
		reply: null,
		handover: null,
		outcome: null,
		billing: [],
		notes: [],
	};
}
