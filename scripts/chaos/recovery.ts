import type { InjectedFault } from './faults';
import type { PhoneMessage } from './evidence';

/** How soon customers got replies again. Milliseconds; null when nothing was measured. */
export interface Recovery {
	/** From each kill of n8n to the first reply that arrived after it. */
	readonly kills: number;
	readonly medianMs: number | null;
	readonly longestMs: number | null;
	/** From the end of stream and faults to the last outcome. */
	readonly quietMs: number;
}

/** Measures from each kill to the first reply after it; a kill that was not followed by any is left out. */
export function measureRecovery(
	injected: readonly InjectedFault[],
	phone: readonly PhoneMessage[],
	quietMs: number,
): Recovery {
	const arrivals = phone.map(({ at }) => at).sort((a, b) => a - b);
	const times = injected
		.filter(({ name, reached }) => reached && name.startsWith('kill'))
		.flatMap(({ at }) => {
			const first = arrivals.find((arrival) => arrival > at);
			return first === undefined ? [] : [first - at];
		})
		.sort((a, b) => a - b);
	return {
		kills: times.length,
		medianMs: times[Math.floor(times.length / 2)] ?? null,
		longestMs: times.at(-1) ?? null,
		quietMs,
	};
}
