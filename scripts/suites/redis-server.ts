import { spawnSync } from 'node:child_process';

const has = (command: string): boolean =>
	spawnSync('sh', ['-c', `command -v ${command}`], { stdio: 'ignore' }).status === 0;

/**
 * Installs Debian's redis-server for the integration and end-to-end tests, when there is none, apt-get is there and this is root.
 * Without it those tests say that they were skipped. Returns one line about what it did, or null when there was nothing to do.
 */
export function ensureRedisServer(environment: NodeJS.ProcessEnv): string | null {
	if (environment.REDIS_URL || process.platform !== 'linux' || has('redis-server')) return null;
	if (process.getuid?.() !== 0 || !has('apt-get'))
		return 'No redis-server on PATH: the Redis tests are skipped (install it, or set REDIS_URL).';
	// RUNLEVEL=1 keeps the package from starting a server of its own.
	const quiet = {
		stdio: 'ignore',
		env: { ...environment, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' },
		timeout: 180_000,
	} as const;
	const install = (): boolean =>
		spawnSync('apt-get', ['install', '-y', '--no-install-recommends', 'redis-server'], quiet).status === 0;
	if (install() || (spawnSync('apt-get', ['update'], quiet).status === 0 && install()))
		return 'Installed redis-server with apt-get.';
	return 'redis-server could not be installed with apt-get: the Redis tests are skipped.';
}
