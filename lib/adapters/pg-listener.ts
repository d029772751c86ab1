/** LISTEN on a connection of its own that reconnects by itself. */
import { Client, escapeIdentifier } from 'pg';
import { asDbError } from './pg-failure';
import type { PgDbOptions } from './pg-db';

const FIRST_RETRY_MS = 200;
const LONGEST_RETRY_MS = 5_000;
const KEEP_ALIVE_MS = 10_000;

/**
 * @returns the function that stops listening, after the first connection is up.
 * @throws TRF_DB_UNREACHABLE when the first connection fails; later breaks are repaired silently, and after each
 *         repair `onNotify('')` is called once, because notifications may have been missed.
 */
export async function listenOnChannel(
	options: PgDbOptions,
	channel: string,
	onNotify: (payload: string) => void,
): Promise<() => Promise<void>> {
	let stopped = false;
	let current: Client | null = null;
	let timer: NodeJS.Timeout | null = null;

	async function connect(): Promise<void> {
		const client = new Client({
			connectionString: options.connectionString,
			application_name: `${options.applicationName} listen`,
			connectionTimeoutMillis: options.connectTimeoutMs ?? 5_000,
			keepAlive: true,
			// A connection that only listens sends nothing itself; the system's default would notice its end after two hours.
			keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
		});
		let live = true;
		const onBreak = () => {
			if (!live) return;
			live = false;
			if (current === client) reconnect(FIRST_RETRY_MS);
		};
		client.on('error', onBreak);
		client.on('end', onBreak);
		client.on('notification', (message) => onNotify(message.payload ?? ''));
		try {
			await client.connect();
			await client.query(`listen ${escapeIdentifier(channel)}`);
		} catch (error) {
			live = false;
			client.end().catch(() => undefined);
			throw asDbError(error);
		}
		if (stopped) {
			live = false;
			await client.end();
			return;
		}
		current = client;
		if (!live) reconnect(FIRST_RETRY_MS);
	}

	function reconnect(delayMs: number): void {
		if (stopped) return;
		current = null;
		timer = setTimeout(() => {
			connect().then(
				() => (stopped ? undefined : onNotify('')),
				() => reconnect(Math.min(delayMs * 2, LONGEST_RETRY_MS)),
			);
		}, delayMs);
	}

	await connect();
	return async () => {
		stopped = true;
		if (timer) clearTimeout(timer);
		const client = current;
		current = null;
		await client?.end().catch(() => undefined);
	};
}
