import { Redis } from 'ioredis';

import { openLog } from '../../stack/log-file';
import { waitForEnd } from '../../stack/process-life';
import { startRedis } from '../../stack/redis-server';
import type { OwnedPart, Shutdown } from '../../stack/shutdown';

const STOP_TIMEOUT_MS = 5_000;

export interface RedisPlace {
	readonly dir: string;
	readonly logsDir: string;
	readonly port: number;
	readonly password: string;
	readonly shutdown: Shutdown;
}

/** A Redis that keeps nothing on disk: stopped, it forgets everything. */
export class RedisLife {
	private part: OwnedPart | null = null;

	private constructor(
		private readonly place: RedisPlace,
		private address = '',
	) {}

	static async begin(place: RedisPlace): Promise<RedisLife> {
		const redis = new RedisLife(place);
		await redis.start();
		return redis;
	}

	get url(): string {
		return this.address;
	}

	/** Does nothing when it runs. */
	async start(): Promise<void> {
		if (this.part !== null) return;
		const { dir, logsDir, port, password, shutdown } = this.place;
		const { url, part } = await startRedis(dir, port, password, openLog(logsDir, 'redis'));
		this.address = url;
		this.part = part;
		shutdown.own(part);
	}

	/** Ends it at once, as a crash does. */
	async stop(): Promise<void> {
		const { part } = this;
		this.part = null;
		if (part === null || part.process === null) return;
		process.kill(part.process.pid, 'SIGKILL');
		await waitForEnd(part.process.pid, STOP_TIMEOUT_MS);
		this.place.shutdown.disown(part);
	}

	/** Empties it; does nothing while it is stopped. */
	async flush(): Promise<void> {
		if (this.part === null) return;
		const client = new Redis(this.address, { maxRetriesPerRequest: 1, lazyConnect: true });
		client.on('error', () => undefined);
		try {
			await client.connect();
			await client.flushall();
		} finally {
			client.disconnect();
		}
	}
}
