import type { Takeover, WrittenMessage } from './evidence';
import type { ManagerAct } from './managers';

/** A conversation that the database showed as a person's, at one look. */
export interface HumanSight {
	readonly client: string;
	readonly phone: string;
	/** When it was seen. */
	readonly at: number;
	/** `human_active_since` of the row. */
	readonly since: number;
}

/** A pressed "resolved" is carried out within this time, even through a restart. */
const RELEASE_UNDER_WAY_MS = 60_000;

interface Sign {
	readonly client: string;
	readonly phone: string;
	readonly at: number;
	readonly kind: 'owner' | 'released' | 'manager';
	/** Of a manager's: when the row says that it began. */
	readonly since: number;
}

/**
 * From when to when a person certainly had which conversation.
 *
 * It begins when it could be known from outside: the echo of the owner's phone had its 200, or another session of the
 * database saw it committed. It ends when a manager presses "resolved", whatever comes of that. An echo that comes while a
 * pressed "resolved" may still be under way says nothing about what holds afterwards.
 */
export function readTakeovers(
	written: readonly WrittenMessage[],
	acts: readonly ManagerAct[],
	sights: readonly HumanSight[],
): Takeover[] {
	const signs: Sign[] = [
		...written.flatMap(({ client, phone, author, acceptedAt }) =>
			author === 'owner' && acceptedAt !== null ? [sign({ client, phone, at: acceptedAt }, 'owner')] : [],
		),
		...sights.map((sight) => ({ ...sight, kind: 'manager' as const })),
		...acts.filter(({ kind }) => kind === 'presses_resolve').map((act) => sign(act, 'released')),
	];
	const open = new Map<string, Takeover>();
	const releasedAt = new Map<string, number>();
	const takeovers: Takeover[] = [];
	for (const { client, phone, at, kind, since } of signs.sort((a, b) => a.at - b.at)) {
		const chat = `${client} ${phone}`;
		const current = open.get(chat);
		if (kind === 'released') {
			releasedAt.set(chat, at);
			if (current !== undefined) takeovers.push({ ...current, until: at });
			open.delete(chat);
			continue;
		}
		const released = releasedAt.get(chat) ?? -Infinity;
		const isNew = kind === 'owner' ? at > released + RELEASE_UNDER_WAY_MS : since > released;
		if (current === undefined && isNew) open.set(chat, { client, phone, by: kind, from: at, until: Infinity });
	}
	return [...takeovers, ...open.values()];
}

function sign(
	seen: { readonly client: string; readonly phone: string; readonly at: number },
	kind: Sign['kind'],
): Sign {
	return { client: seen.client, phone: seen.phone, at: seen.at, kind, since: seen.at };
}
