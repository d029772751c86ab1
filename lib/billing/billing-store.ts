import { DateTime } from 'luxon';
import type { BillingCall } from '../item/turn-item';
import type { DbSession } from '../ports/db';
import { costKzt } from './price';

export interface CallsToRecord {
	readonly clientId: string;
	readonly conversationId: string | null;
	readonly turnId: string | null;
	readonly calls: readonly BillingCall[];
	/** Tenge per dollar on the day of the call, decimal string; stored beside each row. */
	readonly usdKztRate: string;
}

/**
 * Writes one `billing_events` row per attempt and adds the cost to the turn. Runs in the caller's transaction.
 *
 * Idempotent by the call's id: a second run writes nothing and adds nothing.
 *
 * @returns how many rows were new
 */
export async function recordCalls(tx: DbSession, input: CallsToRecord): Promise<{ written: number }> {
	let written = 0;
	for (const call of input.calls) {
		const kzt = costKzt(call.costUsd, input.usdKztRate);
		const inserted = await tx.query(
			`insert into billing_events (id, client_id, conversation_id, turn_id, purpose, provider, model, status, error_code,
				input_tokens, cached_input_tokens, output_tokens, cost_usd, cost_kzt, usd_kzt_rate, latency_ms)
			 values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13::numeric, $14::numeric, $15::numeric, $16)
			 on conflict (id) do nothing`,
			[
				call.id,
				input.clientId,
				input.conversationId,
				input.turnId,
				call.purpose,
				call.provider,
				call.model,
				call.status,
				call.errorCode,
				call.inputTokens,
				call.cachedInputTokens,
				call.outputTokens,
				call.costUsd,
				kzt,
				input.usdKztRate,
				call.latencyMs,
			],
		);
		if (inserted.rowCount !== 1) continue;
		written += 1;
		if (input.turnId === null) continue;
		await tx.query(
			`update turns set cost_usd = coalesce(cost_usd, 0) + $3::numeric, cost_kzt = coalesce(cost_kzt, 0) + $4::numeric
			  where id = $1 and client_id = $2`,
			[input.turnId, input.clientId, call.costUsd, kzt],
		);
	}
	return { written };
}

export interface MonthSpend {
	/** Decimal string, nine places. */
	readonly costUsd: string;
	/** Decimal string, six places. */
	readonly costKzt: string;
	/** `costKzt` in tiyn, rounded up, to compare with `monthlyBudgetTiyn`. */
	readonly spentTiyn: number;
}

/**
 * What a client's paid calls cost since the first day of the month of `now`, in the client's zone.
 *
 * @param timeZone IANA zone the month is counted in
 */
export async function monthSpend(
	tx: DbSession,
	clientId: string,
	now: Date,
	timeZone = 'Asia/Almaty',
): Promise<MonthSpend> {
	const from = DateTime.fromJSDate(now, { zone: timeZone }).startOf('month');
	const { rows } = await tx.query<{ usd: string; kzt: string; tiyn: string }>(
		`select coalesce(sum(cost_usd), 0)::numeric(18,9)::text as usd, coalesce(sum(cost_kzt), 0)::numeric(18,6)::text as kzt,
			ceil(coalesce(sum(cost_kzt), 0) * 100)::bigint::text as tiyn
		   from billing_events where client_id = $1 and created_at >= $2 and created_at < $3`,
		[clientId, from.toUTC().toISO(), from.plus({ months: 1 }).toUTC().toISO()],
	);
	const row = rows[0];
	return { costUsd: row?.usd ?? '0.000000000', costKzt: row?.kzt ?? '0.000000', spentTiyn: Number(row?.tiyn ?? 0) };
}
