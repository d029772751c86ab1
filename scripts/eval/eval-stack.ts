/** A whole stack for one evaluation: in a folder of its own, on free ports, gone afterwards. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { createPgDb } from '../../lib/adapters/pg-db';
import type { ClientAccess } from '../stack/client-access';
import { openClient } from '../stack/client-access';
import { DEMO_SLUG } from '../stack/demo-client';
import { Progress } from '../stack/progress';
import { runStack, STEP_COUNT } from '../stack/run-stack';
import { readRunningStack, withdrawStack } from '../stack/running-stack';
import { Shutdown } from '../stack/shutdown';
import { readStackOptions } from '../stack/stack-options';
import { locateStateFolder, prepareStateFolder } from '../stack/state-folder';

export interface EvalStack {
	readonly n8nUrl: string;
	readonly sandboxUrl: string;
	readonly databaseAdminUrl: string;
	/** Base64 of 32 bytes, for onboarding a second client. */
	readonly masterKey: string;
	/** The demo salon, with the rights of the nodes. */
	readonly client: ClientAccess;
}

/** Customers of an evaluation do not type: the waits for the rest of a burst are shortened, and nobody is limited. */
const EVAL_SETTINGS = {
	burst: { completeMs: 100, fragmentMs: 200, maxMs: 1000 },
	rateLimitPerMinute: 100_000,
};
const EXIT_SIGINT = 130;

/**
 * Starts a stack, runs `work` on it and stops it, also after a failure or Ctrl-C.
 *
 * @param model `off`: facts, templates and quoted knowledge only; `sandbox`: the stand-in writes what needs writing
 *
 * Nothing of a stack that runs already is touched; addresses of own services in the environment are not used.
 */
export async function withEvalStack<T>(model: 'off' | 'sandbox', work: (stack: EvalStack) => Promise<T>): Promise<T> {
	const home = mkdtempSync(path.join(tmpdir(), 'truffles-eval-'));
	const environment = { TRUFFLES_HOME: home };
	const folder = locateStateFolder(environment);
	prepareStateFolder(folder);
	const shutdown = new Shutdown((line) => process.stderr.write(`${line}\n`));
	const stop = (): void => {
		void shutdown.stopAll().then(() => process.exit(EXIT_SIGINT));
	};
	for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, stop);
	try {
		const options = readStackOptions({ n8nPort: 0, phonePort: 0, postgresPort: 0, model }, environment);
		await runStack(options, folder, new Progress(STEP_COUNT), shutdown);
		const running = await readRunningStack(environment);
		if (running === null) throw new Error('The stack is gone right after its start.');
		await applyEvalSettings(running.databaseAdminUrl, DEMO_SLUG);
		const client = await openClient(running.databaseAppUrl, running.masterKey, DEMO_SLUG);
		try {
			return await work({ ...running, client });
		} finally {
			await client.close();
		}
	} finally {
		for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.removeListener(signal, stop);
		await shutdown.stopAll();
		withdrawStack(folder);
		rmSync(home, { recursive: true, force: true });
	}
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
