import { randomUUID } from 'node:crypto';
import type { Client } from 'pg';
import type { BillingCall } from '../../lib/item/turn-item';

/** A client with nothing but a zone; returns its id. */
export async function addClient(admin: Client, timeZone = 'Asia/Almaty', slug = randomSlug()): Promise<string> {
	const company = await admin.query<{ id: string }>('insert into truffles.companies (name) values ($1) returning id', [
		randomUUID(),
	]);
	const client = await admin.query<{ id: string }>(
		`insert into truffles.clients (company_id, slug, name, time_zone, data_key_wrapped) values ($1, $2, 'x', $3, '\\x00') returning id`,
		[company.rows[0]?.id, slug, timeZone],
	);
	return client.rows[0]?.id ?? '';
}

function randomSlug(): string {
	return `c_${randomUUID().replaceAll('-', '').slice(0, 12)}`;
}

/** One successful call to a cheap model. */
export function billingCall(over: Partial<BillingCall> = {}): BillingCall {
	return {
		id: randomUUID(),
		provider: 'openai',
		model: 'gpt-4.1-mini',
		purpose: 'reply',
		status: 'ok',
		errorCode: null,
		inputTokens: 1_000,
		cachedInputTokens: 0,
		cacheWriteTokens: 0,
		outputTokens: 100,
		reasoningTokens: 0,
		tier: null,
		costUsd: '0.000560000',
		latencyMs: 12,
		...over,
	};
}
