import type { DbSession } from '../ports/db';
import type { OpenOrder } from './match-payment';

/** Newest first; a business with more open orders than this has stale ones that need a person. */
const MAX_OPEN_ORDERS = 1_000;

/** The open orders of the client the session is bound to. */
export async function loadOpenOrders(tx: DbSession, clientId: string): Promise<OpenOrder[]> {
	const { rows } = await tx.query<{ id: string; order_key: string; amount_tiyn: string; created_at: Date }>(
		`select id, order_key, amount_tiyn::text, created_at from orders
		  where client_id = $1 and status = 'open' order by created_at desc limit ${MAX_OPEN_ORDERS}`,
		[clientId],
	);
	return rows.map((row) => ({
		id: row.id,
		orderKey: row.order_key,
		amountTiyn: Number(row.amount_tiyn),
		createdAt: row.created_at,
	}));
}
