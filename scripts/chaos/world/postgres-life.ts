import { spawn } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';

import type { OwnedPart, Shutdown } from '../../stack/shutdown';

const START_TIMEOUT_S = 60;

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

/** Keeps the shutdown in step with a server whose process changes. */
export class PostgresLife {
	private part: OwnedPart;

	constructor(
		private readonly dataDir: string,
		part: OwnedPart,
		private readonly shutdown: Shutdown,
	) {
		this.part = part;
		shutdown.own(part);
	}

	async restart(mode: 'fast' | 'immediate'): Promise<number> {
		const downMs = await restartPostgres(this.dataDir, mode);
		const pid = Number(readFileSync(path.join(this.dataDir, 'postmaster.pid'), 'utf8').split('\n')[0]);
		const { name, stop } = this.part;
		this.shutdown.replace(this.part, { name, stop, process: { pid, signal: 'SIGINT' } });
		return downMs;
	}
}
