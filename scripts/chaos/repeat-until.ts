import { setTimeout as sleep } from 'node:timers/promises';

/** Something that is done again and again until it is stopped. */
export interface Repeated {
	/** Resolves when the last round has ended. */
	stop(): Promise<void>;
}

/** Repeats `round` with a pause; a round that fails is simply followed by the next one. */
export function repeatUntilStopped(pauseMs: number, round: () => Promise<void>): Repeated {
	const stopping = new AbortController();
	const done = (async () => {
		while (!stopping.signal.aborted) {
			await round().catch(() => undefined);
			await sleep(pauseMs, undefined, { signal: stopping.signal }).catch(() => undefined);
		}
	})();
	return {
		async stop() {
			stopping.abort();
			await done;
		},
	};
}
