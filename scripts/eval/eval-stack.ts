/** A stack for one evaluation, whose customers do not type and are not limited. */
import { createPgDb } from '../../lib/adapters/pg-db';
import { DEMO_SLUG } from '../stack/demo-client';
import { type TemporaryStack, withTemporaryStack } from '../stack/temporary-stack';

export type EvalStack = Pick<TemporaryStack, 'n8nUrl' | 'sandboxUrl' | 'databaseAdminUrl' | 'masterKey' | 'client'>;

/** Customers of an evaluation do not type: the waits for the rest of a burst are shortened, and nobody is limited. */
const EVAL_SETTINGS = {
	burst: { completeMs: 100, fragmentMs: 200, maxMs: 1000 },
	rateLimitPerMinute: 100_000,
};

/** Runs `work` on a temporary stack with the settings of an evaluation. See `withTemporaryStack`. */
export async function withEvalStack<T>(model: 'off' | 'sandbox', work: (stack: EvalStack) => Promise<T>): Promise<T> {
	return await withTemporaryStack(model, async (stack) => {
		await applyEvalSettings(stack.databaseAdminUrl, DEMO_SLUG);
		return await work(stack);
	});
}

/** Shortens a client's waits and lifts its limit for an evaluation. */
export async function applyEvalSettings(databaseAdminUrl: string, slug: string): Promise<void> {
	const db = createPgDb({ connectionString: databaseAdminUrl, applicationName: 'truffles eval', maxConnections: 1 });
	try {
		await db.query(
			`update truffles.client_settings s set settings = s.settings || $2::jsonb
			   from truffles.clients c where c.id = s.client_id and c.slug = $1`,
			[slug, JSON.stringify(EVAL_SETTINGS)],
		);
		await db.query('update truffles.clients set config_version = config_version + 1 where slug = $1', [slug]);
	} finally {
		await db.close();
	}
}
