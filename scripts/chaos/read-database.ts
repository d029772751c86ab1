/** What the database says of a run, read by the administrator: rows only, no function of the product. */
import type { Client } from 'pg';

import type { ClientFacts, EventRow, OutboxRow, TurnRow } from './evidence';

const TIYN_PER_TENGE = 100;
const MS = 'extract(epoch from %) * 1000';
const ms = (column: string): string => `(${MS.replace('%', column)})::float8`;

/** Price lists, policies and marks of the businesses. @param marks by slug */
export async function readClientFacts(
	db: Client,
	marks: ReadonlyMap<string, readonly string[]>,
): Promise<ClientFacts[]> {
	const { rows } = await db.query<{
		slug: string;
		services: ReadonlyArray<{ key: string; priceFromTiyn: number; priceToTiyn?: number }> | null;
		after_crash: ClientFacts['afterCrash'] | null;
	}>(
		`select c.slug, s.client_pack -> 'services' as services, s.settings -> 'delivery' ->> 'afterCrash' as after_crash
		   from truffles.clients c join truffles.client_settings s on s.client_id = c.id order by c.slug`,
	);
	return rows
		.filter(({ slug }) => marks.has(slug))
		.map(({ slug, services, after_crash }) => {
			const list = services ?? [];
			return {
				slug,
				prices: new Map(list.map(({ key, priceFromTiyn }) => [key, priceFromTiyn / TIYN_PER_TENGE])),
				amounts: new Set(
					list.flatMap(({ priceFromTiyn, priceToTiyn = priceFromTiyn }) =>
						[priceFromTiyn, priceToTiyn].map((tiyn) => tiyn / TIYN_PER_TENGE),
					),
				),
				marks: marks.get(slug) ?? [],
				afterCrash: after_crash ?? 'prefer-once',
			};
		});
}

export async function readEvents(db: Client): Promise<EventRow[]> {
	const { rows } = await db.query<EventRow>(
		`select e.provider_event_id as id, c.slug as client, ${ms('e.received_at')} as "receivedAt", e.turn_id as "turnId"
		   from truffles.inbound_events e join truffles.clients c on c.id = e.client_id
		  where e.channel = 'whatsapp' and e.kind in ('message', 'echo')`,
	);
	return rows;
}

/** @param since turns whose first message came before are left out; milliseconds since 1970 */
export async function readTurns(db: Client, since: number): Promise<TurnRow[]> {
	const { rows } = await db.query<TurnRow>(
		`select t.id, c.slug as client, t.kind, t.outcome, t.outcome_reason as reason, t.conversation_id as "conversationId",
		        t.reply_message_id as "replyMessageId"
		   from truffles.turns t join truffles.clients c on c.id = t.client_id
		  where t.received_at >= to_timestamp($1::float8 / 1000)`,
		[since],
	);
	return rows;
}

export async function readOutbox(db: Client): Promise<OutboxRow[]> {
	const { rows } = await db.query<OutboxRow>(
		`select o.idempotency_key as key, c.slug as client, o.message_id as "messageId", o.conversation_id as "conversationId",
		        o.turn_id as "turnId", o.author, o.status, ${ms('o.created_at')} as "writtenAt"
		   from truffles.outbox o join truffles.clients c on c.id = o.client_id`,
	);
	return rows;
}

export async function readHandedOver(db: Client): Promise<Set<string>> {
	const { rows } = await db.query<{ id: string }>(
		'select distinct conversation_id as id from truffles.handovers where conversation_id is not null',
	);
	return new Set(rows.map(({ id }) => id));
}

/** A conversation that a person has now. */
export interface HumanRow {
	readonly conversationId: string;
	readonly since: number;
}

export async function readHumanConversations(db: Client): Promise<HumanRow[]> {
	const { rows } = await db.query<HumanRow>(
		`select id as "conversationId", ${ms('human_active_since')} as since
		   from truffles.conversations where human_active_since is not null`,
	);
	return rows;
}

/**
 * Compares the client of every row with the client of the row it points to, for every foreign key between tenant tables,
 * also where the key itself includes the client and forbids it.
 */
export async function readCrossedRows(db: Client): Promise<Array<{ where: string; rows: number }>> {
	const { rows: references } = await db.query<{ child: string; child_column: string; parent: string }>(
		`select distinct con.conrelid::regclass::text as child, con.confrelid::regclass::text as parent, a.attname::text as child_column
		   from pg_constraint con
		   join lateral unnest(con.conkey, con.confkey) as k(child, parent) on true
		   join pg_attribute a on a.attrelid = con.conrelid and a.attnum = k.child
		   join pg_attribute p on p.attrelid = con.confrelid and p.attnum = k.parent
		  where con.contype = 'f' and con.connamespace = 'truffles'::regnamespace and p.attname = 'id' and a.attname <> 'client_id'
		    and exists (select from pg_attribute x where x.attrelid = con.conrelid and x.attname = 'client_id')
		    and exists (select from pg_attribute x where x.attrelid = con.confrelid and x.attname = 'client_id')`,
	);
	const crossed: Array<{ where: string; rows: number }> = [];
	for (const { child, child_column, parent } of references) {
		const { rows } = await db.query<{ count: number }>(
			`select count(*)::int as count from ${child} c join ${parent} p on p.id = c.${child_column} where c.client_id <> p.client_id`,
		);
		if ((rows[0]?.count ?? 0) > 0) crossed.push({ where: `${child}.${child_column}`, rows: rows[0]?.count ?? 0 });
	}
	return crossed;
}

/** What is still to be done: nothing of it remains when the inbox is quiet. */
export interface Unfinished {
	readonly events: number;
	readonly turns: number;
	readonly messages: number;
}

export async function readUnfinished(db: Client): Promise<Unfinished> {
	const { rows } = await db.query<Unfinished>(
		`select (select count(*)::int from truffles.inbound_events where turn_id is null and processed_at is null) as events,
		        (select count(*)::int from truffles.turns where status = 'claimed') as turns,
		        (select count(*)::int from truffles.outbox where status in ('queued', 'sending')) as messages`,
	);
	return rows[0] as Unfinished;
}
