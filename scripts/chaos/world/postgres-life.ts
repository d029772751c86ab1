import { spawn } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';

import { waitForEnd } from '../../stack/process-life';
import type { OwnedPart, Shutdown } from '../../stack/shutdown';

const START_TIMEOUT_S = 60;
const STOP_TIMEOUT_MS = 10_000;

/**
 * Restarts a running PostgreSQL as it was started. `fast`: connections are told and open transactions rolled back;
 * `immediate`: as after a crash, with recovery at the next start. Does not block this process, as starting it does.
 * @returns how long it was away, in milliseconds
 */
export async function restartPostgres(dataDir: string, mode: 'fast' | 'immediate'): Promise<number> {
	const startedMs = performance.now();
	const [command = ''] = readFileSync(path.join(dataDir, 'postmaster.opts'), 'utf8').split(' "');
	const { uid, gid } = statSync(dataDir);
	const code = await new Promise<number | null>((resolve, reject) => {
		const child = spawn(
			path.join(path.dirname(command.trim()), 'pg_ctl'),
			[
				'restart',
				'-D',
				dataDir,
				'-m',
				mode,
				'-w',
				'-t',
				String(START_TIMEOUT_S),
				'-l',
				path.join(dataDir, 'server.log'),
			],
			{ uid, gid, cwd: '/', stdio: 'ignore', env: { ...process.env, LC_ALL: 'C' } },
		);
		child.once('error', reject);
		child.once('exit', resolve);
	});
	if (code !== 0) throw new Error(`PostgreSQL could not be restarted (pg_ctl ended with ${code}).`);
	return Math.round(performance.now() - startedMs);
}

/** A PostgreSQL whose process changes; its data are thrown away in the end. */
export class PostgresLife {
	private part: OwnedPart;

	constructor(
		private readonly dataDir: string,
		private readonly shutdown: Shutdown,
	) {
		this.part = this.describe();
		shutdown.own(this.part);
	}

	/** See `restartPostgres`. */
	async restart(mode: 'fast' | 'immediate'): Promise<number> {
		const downMs = await restartPostgres(this.dataDir, mode);
		const successor = this.describe();
		this.shutdown.replace(this.part, successor);
		this.part = successor;
		return downMs;
	}

	private describe(): OwnedPart {
		const pid = Number(readFileSync(path.join(this.dataDir, 'postmaster.pid'), 'utf8').split('\n')[0]);
		return {
			name: 'PostgreSQL',
			process: { pid, signal: 'SIGINT' },
			async stop() {
				// Nobody reads the data again: no checkpoint.
				process.kill(pid, 'SIGQUIT');
				if (!(await waitForEnd(pid, STOP_TIMEOUT_MS))) process.kill(pid, 'SIGKILL');
			},
		};
	}
}
