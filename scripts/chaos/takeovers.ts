import type { Takeover, WrittenMessage } from './evidence';
import type { ManagerAct } from './managers';

/** A conversation that the database showed as a person's: one take-over, from the first look at it to the last. */
export interface HumanSight {
	readonly client: string;
	readonly phone: string;
	readonly firstAt: number;
	readonly lastAt: number;
}

/** A pressed "resolved" is carried out within this time, also through restarts of everything. */
const RELEASE_UNDER_WAY_MS = 180_000;

/**
 * From when to when a person certainly had which conversation.
 *
 * Between two looks from another session that showed the same take-over it was certainly committed. The echo of an owner's
 * phone counts from its 200, whatever the database says, until a manager presses "resolved"; one that came while a pressed
 * "resolved" may have been under way says nothing about what holds afterwards.
 */
export function readTakeovers(
	written: readonly WrittenMessage[],
	acts: readonly ManagerAct[],
	sights: readonly HumanSight[],
): Takeover[] {
	const releases = acts.filter(({ kind }) => kind === 'presses_resolve');
	const byOwners = written.flatMap(({ client, phone, author, acceptedAt }): Takeover[] => {
		if (author !== 'owner' || acceptedAt === null) return [];
		const pressed = releases.filter((act) => act.client === client && act.phone === phone).map(({ at }) => at);
		if (pressed.some((at) => at <= acceptedAt && acceptedAt - at < RELEASE_UNDER_WAY_MS)) return [];
		const until = Math.min(...pressed.filter((at) => at > acceptedAt), Infinity);
		return [{ client, phone, by: 'owner', from: acceptedAt, until }];
	});
	const seen = sights.map(({ client, phone, firstAt, lastAt }): Takeover => ({
		client,
		phone,
		by: 'manager',
		from: firstAt,
		until: lastAt,
	}));
	return [...byOwners, ...seen];
}

/** Chats (`client phone`) in which a person may have been at any time: for what the assistant left to a person. */
export function readPeopleSeen(
	written: readonly WrittenMessage[],
	acts: readonly ManagerAct[],
	sights: readonly HumanSight[],
): Set<string> {
	const owners = written.filter(({ author }) => author === 'owner');
	const managers = acts.filter(({ kind }) => kind !== 'presses_resolve');
	return new Set([...owners, ...managers, ...sights].map(({ client, phone }) => `${client} ${phone}`));
}
