/** Everything that watches a run from outside: phones, the managers' groups, and the rows of the database. */
import { Client } from 'pg';

import type { Evidence, PhoneMessage, WrittenMessage } from './evidence';
import type { Managers } from './managers';
import {
	readClientFacts,
	readCrossedRows,
	readEvents,
	readHandedOver,
	readHumanConversations,
	readOutbox,
	readTurns,
} from './read-database';
import { type Repeated, repeatUntilStopped } from './repeat-until';
import type { SandboxControl } from './sandbox-control';
import { readPeopleSeen, readTakeovers } from './takeovers';

const PHONE_POLL_MS = 300;
const HUMAN_POLL_MS = 300;
const CONNECT_TIMEOUT_MS = 5_000;
const QUERY_TIMEOUT_MS = 60_000;

/** Runs `work` on a connection of its own; PostgreSQL restarts during a run. */
export async function withDatabase<T>(adminUrl: string, work: (db: Client) => Promise<T>): Promise<T> {
	const db = await connect(adminUrl);
	try {
		return await work(db);
	} finally {
		await db.end().catch(() => undefined);
	}
}

async function connect(adminUrl: string): Promise<Client> {
	const db = new Client({
		connectionString: adminUrl,
		application_name: 'truffles chaos checker',
		connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
		query_timeout: QUERY_TIMEOUT_MS,
	});
	db.on('error', () => undefined);
	await db.connect();
	return db;
}

export interface WitnessedWorld {
	readonly databaseAdminUrl: string;
	readonly clients: ReadonlyArray<{ readonly slug: string; readonly key: string; readonly marks: readonly string[] }>;
}

interface Sight {
	readonly conversationId: string;
	readonly firstAt: number;
	lastAt: number;
}

/** Watches until `stop`, then tells all it saw. */
export class Witnesses {
	readonly phone: PhoneMessage[] = [];
	private readonly sights = new Map<string, Sight>();
	private lastSeq: number;
	private readonly polls: Repeated[] = [];
	/** For looking often; null after PostgreSQL was away. */
	private db: Client | null = null;

	private since = 0;

	/** @param fromSeq what happened in the sandbox before is not part of this run */
	constructor(
		private readonly world: WitnessedWorld,
		private readonly control: SandboxControl,
		fromSeq: number,
	) {
		this.lastSeq = fromSeq;
	}

	start(): void {
		this.since = Date.now();
		this.polls.push(
			repeatUntilStopped(PHONE_POLL_MS, async () => await this.lookAtPhones()),
			repeatUntilStopped(HUMAN_POLL_MS, async () => await this.lookAtConversations()),
		);
	}

	async stop(): Promise<void> {
		await Promise.all(this.polls.map(async (poll) => await poll.stop()));
		await this.lookAtPhones();
		await this.db?.end().catch(() => undefined);
	}

	/** @param written what the customers wrote; only their conversations are read */
	async testify(written: readonly WrittenMessage[], managers: Managers): Promise<Evidence> {
		return await withDatabase(this.world.databaseAdminUrl, async (db) => {
			const marks = new Map(this.world.clients.map(({ slug, marks: words }) => [slug, words]));
			const [events, turns] = [await readEvents(db), await readTurns(db, this.since)];
			const chatOf = chatsOf(written, events, turns);
			const sights = [...this.sights.values()].flatMap(({ conversationId, firstAt, lastAt }) => {
				const chat = chatOf.get(conversationId);
				return chat === undefined ? [] : [{ ...chat, firstAt, lastAt }];
			});
			return {
				clients: await readClientFacts(db, marks),
				written,
				phone: this.phone,
				group: managers.group,
				takeovers: readTakeovers(written, managers.acts, sights),
				peopleSeen: readPeopleSeen(written, managers.acts, sights),
				events,
				turns,
				outbox: await readOutbox(db),
				handedOver: await readHandedOver(db),
				crossedRows: await readCrossedRows(db),
			};
		});
	}

	private async lookAtPhones(): Promise<void> {
		const { messages } = await this.control.phoneMessages(this.lastSeq);
		const slugs = new Map(this.world.clients.map(({ key, slug }) => [key, slug]));
		for (const { seq, client, phone, text, at, msgId } of messages) {
			this.lastSeq = Math.max(this.lastSeq, seq);
			this.phone.push({ seq, client: slugs.get(client) ?? client, phone, text, key: msgId, at: Date.parse(at) });
		}
	}

	private async lookAtConversations(): Promise<void> {
		this.db ??= await connect(this.world.databaseAdminUrl);
		const db = this.db;
		const askedAt = Date.now();
		const rows = await readHumanConversations(db).catch(async (error: unknown) => {
			this.db = null;
			await db.end().catch(() => undefined);
			throw error;
		});
		// It was committed before the answer came, and not yet given back when the question was asked.
		const answeredAt = Date.now();
		for (const { conversationId, since } of rows) {
			const key = `${conversationId} ${since}`;
			const sight = this.sights.get(key);
			if (sight === undefined) this.sights.set(key, { conversationId, firstAt: answeredAt, lastAt: askedAt });
			else sight.lastAt = askedAt;
		}
	}
}

/** Whose chat a conversation is, told by the messages that were written in it. */
function chatsOf(
	written: readonly WrittenMessage[],
	events: Evidence['events'],
	turns: Evidence['turns'],
): Map<string, { client: string; phone: string }> {
	const turnOf = new Map(events.map(({ id, client, turnId }) => [`${client} ${id}`, turnId]));
	const conversationOf = new Map(turns.map(({ id, conversationId }) => [id, conversationId]));
	const chats = new Map<string, { client: string; phone: string }>();
	for (const { id, client, phone } of written) {
		const conversationId = conversationOf.get(turnOf.get(`${client} ${id}`) ?? '') ?? null;
		if (conversationId !== null) chats.set(conversationId, { client, phone });
	}
	return chats;
}
