/** A whole stack for one measurement: in a folder of its own, on free ports, gone afterwards. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import type { ClientAccess } from './client-access';
import { openClient } from './client-access';
import { DEMO_SLUG } from './demo-client';
import { Progress } from './progress';
import { runStack, STEP_COUNT } from './run-stack';
import { readRunningStack, type RunningStack, withdrawStack } from './running-stack';
import { Shutdown } from './shutdown';
import { readStackOptions } from './stack-options';
import { locateStateFolder, prepareStateFolder } from './state-folder';

export interface TemporaryStack extends RunningStack {
	/** The demo salon, with the rights of the nodes. */
	readonly client: ClientAccess;
}

const EXIT_SIGINT = 130;

/**
 * Starts a stack, runs `work` on it and stops it, also after a failure or Ctrl-C.
 *
 * @param model `off`: facts, templates and quoted knowledge only; `sandbox`: the stand-in writes what needs writing;
 *              an address: an OpenAI-compatible endpoint does
 *
 * Nothing of a stack that runs already is touched; addresses of own services in the environment are not used.
 */
export async function withTemporaryStack<T>(
	model: 'off' | 'sandbox' | { readonly baseUrl: string },
	work: (stack: TemporaryStack) => Promise<T>,
): Promise<T> {
	const home = mkdtempSync(path.join(tmpdir(), 'truffles-stack-'));
	const environment: NodeJS.ProcessEnv = {
		TRUFFLES_HOME: home,
		...(typeof model === 'string' ? {} : { OPENAI_API_KEY: 'stand-in', OPENAI_BASE_URL: model.baseUrl }),
	};
	const folder = locateStateFolder(environment);
	prepareStateFolder(folder);
	const shutdown = new Shutdown((line) => process.stderr.write(`${line}\n`));
	const stop = (): void => {
		void shutdown.stopAll().then(() => process.exit(EXIT_SIGINT));
	};
	for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, stop);
	try {
		const flags = { n8nPort: 0, phonePort: 0, postgresPort: 0 };
		const choice = typeof model === 'string' ? model : 'openai';
		await runStack(
			readStackOptions({ ...flags, model: choice }, environment),
			folder,
			new Progress(STEP_COUNT),
			shutdown,
		);
		const running = await readRunningStack(environment);
		if (running === null) throw new Error('The stack is gone right after its start.');
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
