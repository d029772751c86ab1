import type { DbSession } from '../ports/db';
import type { MonthRange } from './month-range';

/** Calls of one purpose to one model. Costs are decimal strings: USD with nine places, tenge with six. */
export interface CallGroup {
	readonly purpose: string;
	readonly provider: string;
	readonly model: string;
	readonly calls: number;
	readonly failedCalls: number;
	readonly inputTokens: number;
	readonly cachedInputTokens: number;
	readonly cacheWriteTokens: number;
	readonly outputTokens: number;
	readonly reasoningTokens: number;
	readonly costUsd: string;
	readonly costKzt: string;
}

/** What one client's month holds, as counted by the database. */
export interface UsageFacts {
	readonly messagesIn: number;
	readonly messagesOut: number;
	/** Turns of customers. */
	readonly turns: number;
	readonly answered: number;
	readonly handedOver: number;
	readonly held: number;
	readonly ignored: number;
	/** Answered turns for which no chat model was called; embeddings of the search do not count. */
	readonly answeredWithoutModel: number;
	/** Answered turns whose reply no model wrote, though one may have classified them. */
	readonly answeredWithoutReplyCall: number;
	/** Conversations with at least one of these turns. */
	readonly conversations: number;
	readonly handovers: number;
	readonly groups: readonly CallGroup[];
	/** Successful calls that wrote a reply, and their tokens. */
	readonly replyCalls: { readonly calls: number; readonly inputTokens: number; readonly outputTokens: number };
}

interface CountRow {
	readonly messages_in: number;
	readonly messages_out: number;
	readonly turns: number;
	readonly answered: number;
	readonly handed_over: number;
	readonly held: number;
	readonly ignored: number;
	readonly without_model: number;
	readonly without_reply_call: number;
	readonly conversations: number;
	readonly handovers: number;
}

interface GroupRow {
	readonly purpose: string;
	readonly provider: string;
	readonly model: string;
	readonly calls: number;
	readonly failed: number;
	readonly input_tokens: string;
	readonly cached: string;
	readonly written: string;
	readonly output_tokens: string;
	readonly reasoning: string;
	readonly cost_usd: string;
	readonly cost_kzt: string;
	readonly ok_calls: number;
	readonly ok_input: string;
	readonly ok_output: string;
}

/** Counts a client's month. Run inside `asClient`; the client is named in each statement too. */
export async function loadUsageFacts(tx: DbSession, clientId: string, range: MonthRange): Promise<UsageFacts> {
	const params = [clientId, range.from.toISOString(), range.to.toISOString()];
	const counted = await tx.query<CountRow>(
		`with month_turns as (
			select t.conversation_id, t.outcome,
				exists (select from billing_events b where b.client_id = $1 and b.turn_id = t.id and b.purpose <> 'embedding') as has_call,
				exists (select from billing_events b where b.client_id = $1 and b.turn_id = t.id and b.purpose in ('reply', 'rewrite')) as has_reply_call
			  from turns t
			 where t.client_id = $1 and t.kind = 'user' and t.received_at >= $2 and t.received_at < $3
		), month_messages as (
			select direction from messages where client_id = $1 and created_at >= $2 and created_at < $3
		)
		select (select count(*)::int from month_messages where direction = 'inbound') as messages_in,
			(select count(*)::int from month_messages where direction = 'outbound') as messages_out,
			count(*)::int as turns,
			count(*) filter (where outcome = 'answered')::int as answered,
			count(*) filter (where outcome = 'handed_over')::int as handed_over,
			count(*) filter (where outcome = 'held')::int as held,
			count(*) filter (where outcome = 'ignored')::int as ignored,
			count(*) filter (where outcome = 'answered' and not has_call)::int as without_model,
			count(*) filter (where outcome = 'answered' and not has_reply_call)::int as without_reply_call,
			count(distinct conversation_id)::int as conversations,
			(select count(*)::int from handovers where client_id = $1 and created_at >= $2 and created_at < $3) as handovers
		  from month_turns`,
		params,
	);
	const grouped = await tx.query<GroupRow>(
		`select purpose, provider, model, count(*)::int as calls, count(*) filter (where status <> 'ok')::int as failed,
			sum(input_tokens)::text as input_tokens, sum(cached_input_tokens)::text as cached,
			sum(cache_write_tokens)::text as written, sum(output_tokens)::text as output_tokens,
			sum(reasoning_tokens)::text as reasoning, sum(cost_usd)::numeric(18,9)::text as cost_usd,
			sum(cost_kzt)::numeric(18,6)::text as cost_kzt,
			count(*) filter (where status = 'ok')::int as ok_calls,
			coalesce(sum(input_tokens) filter (where status = 'ok'), 0)::text as ok_input,
			coalesce(sum(output_tokens) filter (where status = 'ok'), 0)::text as ok_output
		  from billing_events where client_id = $1 and created_at >= $2 and created_at < $3
		 group by purpose, provider, model order by sum(cost_usd) desc, purpose, provider, model`,
		params,
	);
	const [counts] = counted.rows;
	const replies = grouped.rows.filter(({ purpose }) => purpose === 'reply');
	return {
		messagesIn: counts?.messages_in ?? 0,
		messagesOut: counts?.messages_out ?? 0,
		turns: counts?.turns ?? 0,
		answered: counts?.answered ?? 0,
		handedOver: counts?.handed_over ?? 0,
		held: counts?.held ?? 0,
		ignored: counts?.ignored ?? 0,
		answeredWithoutModel: counts?.without_model ?? 0,
		answeredWithoutReplyCall: counts?.without_reply_call ?? 0,
		conversations: counts?.conversations ?? 0,
		handovers: counts?.handovers ?? 0,
		groups: grouped.rows.map(toGroup),
		replyCalls: {
			calls: sum(replies.map(({ ok_calls }) => ok_calls)),
			inputTokens: sum(replies.map(({ ok_input }) => Number(ok_input))),
			outputTokens: sum(replies.map(({ ok_output }) => Number(ok_output))),
		},
	};
}

function toGroup(row: GroupRow): CallGroup {
	return {
		purpose: row.purpose,
		provider: row.provider,
		model: row.model,
		calls: row.calls,
		failedCalls: row.failed,
		inputTokens: Number(row.input_tokens),
		cachedInputTokens: Number(row.cached),
		cacheWriteTokens: Number(row.written),
		outputTokens: Number(row.output_tokens),
		reasoningTokens: Number(row.reasoning),
		costUsd: row.cost_usd,
		costKzt: row.cost_kzt,
	};
}

function sum(values: readonly number[]): number {
	return values.reduce((total, value) => total + value, 0);
}
