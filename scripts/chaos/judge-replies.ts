/** Replies as the customers' phones saw them: twice, in the wrong order, or over a person. */
import type { PhoneMessage, Takeover } from './evidence';
import { MANAGER_WORDS } from './managers';
import type { Chat, ChaosRecord, Fate, Finding } from './record';

/**
 * A call to the channel that began before a person took over may still arrive: as long as the slowest fault delays it, and
 * the machine is busy.
 */
export const UNDER_WAY_MS = 8_000;

export interface RepliesVerdict {
	readonly duplicates: readonly Finding[];
	/** Same key twice where the client has chosen `prefer-delivery`: allowed by docs/queue.md, not bad. */
	readonly repeatedByPolicy: number;
}

/** Replies that a customer got more than once, by key, by turn, and by count. */
export function findDuplicates({ evidence, chats, outbox }: ChaosRecord): RepliesVerdict {
	const duplicates: Finding[] = [];
	let repeatedByPolicy = 0;
	const policy = new Map(evidence.clients.map(({ slug, afterCrash }) => [slug, afterCrash]));
	for (const chat of chats) {
		const seen = new Set<string>();
		const turns = new Set<string>();
		let surplus = 0;
		const distinct: PhoneMessage[] = [];
		for (const arrival of chat.arrived) {
			const { key } = arrival;
			if (isManagers(arrival)) continue;
			if (key === null || !seen.has(key)) {
				distinct.push(arrival);
				if (key !== null) seen.add(key);
				continue;
			}
			if (policy.get(chat.client) === 'prefer-delivery') repeatedByPolicy += 1;
			else duplicates.push({ rule: 'the same message arrived again', client: chat.client, ids: [key] });
		}
		for (const arrival of distinct) {
			const turnId = outbox.get(arrival.key ?? '')?.turnId ?? null;
			if (turnId === null) continue;
			if (turns.has(turnId)) duplicates.push({ rule: 'two replies of one turn', client: chat.client, ids: [turnId] });
			turns.add(turnId);
		}
		// Whoever has written n times gets n replies at most; bursts get fewer.
		for (const [index, arrival] of distinct.entries()) {
			const written = chat.fates.filter(({ message }) => message.postedAt <= arrival.at).length;
			surplus = Math.max(surplus, index + 1 - written);
		}
		for (let count = 0; count < surplus; count += 1)
			duplicates.push({
				rule: 'more replies than messages',
				client: chat.client,
				ids: [chat.fates[0]?.message.id ?? '-'],
			});
	}
	return { duplicates, repeatedByPolicy };
}

/**
 * Two messages of a conversation, the first accepted before the second was sent at all, whose replies arrived the other way
 * round, or that one turn took in the wrong order.
 */
export function findInversions({ chats }: ChaosRecord): Finding[] {
	return chats.flatMap((chat) =>
		chat.fates.flatMap((later, index) => {
			const overtaken = chat.fates.slice(0, index).some((earlier) => isInverted(earlier, later));
			return overtaken ? [{ rule: 'overtook an earlier message', client: chat.client, ids: [later.message.id] }] : [];
		}),
	);
}

function isInverted(earlier: Fate, later: Fate): boolean {
	if ((earlier.message.acceptedAt ?? Infinity) >= later.message.postedAt) return false;
	if (earlier.event !== null && later.event !== null && earlier.event.receivedAt > later.event.receivedAt) return true;
	const [first, second] = [earlier.arrivals[0], later.arrivals[0]];
	return earlier.turn?.id !== later.turn?.id && first !== undefined && second !== undefined && first.seq > second.seq;
}

/** Replies of the assistant that were written, or were sent again, while a person had the conversation. */
export function findAfterTakeover({ evidence, chats, outbox }: ChaosRecord): Finding[] {
	const takeovers = new Map<string, Takeover[]>();
	for (const takeover of evidence.takeovers) {
		const key = `${takeover.client} ${takeover.phone}`;
		takeovers.set(key, [...(takeovers.get(key) ?? []), takeover]);
	}
	return chats.flatMap((chat: Chat) =>
		chat.arrived.flatMap((arrival) => {
			const row = outbox.get(arrival.key ?? '');
			if (isManagers(arrival) || row?.author === 'manager') return [];
			const over = (takeovers.get(`${chat.client} ${chat.phone}`) ?? []).some(
				({ from, until }) =>
					(row !== undefined && row.writtenAt > from && row.writtenAt < until) ||
					(arrival.at > from + UNDER_WAY_MS && arrival.at < until),
			);
			return over ? [{ rule: 'written over a person', client: chat.client, ids: [arrival.key ?? '-'] }] : [];
		}),
	);
}

function isManagers({ text }: PhoneMessage): boolean {
	return text.includes(MANAGER_WORDS);
}
