/** How long a lane waits for more messages before its burst becomes a turn (promise 3 of the design). */
export interface BurstSettings {
	/** After a complete question. */
	readonly completeMs: number;
	/** After a fragment ("здравствуйте", "а сколько"). */
	readonly fragmentMs: number;
	/** From the first message of the burst, whatever follows. */
	readonly maxMs: number;
}

export const DEFAULT_BURST: BurstSettings = { completeMs: 1_500, fragmentMs: 6_000, maxMs: 12_000 };

/**
 * The wait after one message, in milliseconds. The database caps the sum at `maxMs` from the first message.
 *
 * @param isComplete whether the text can be answered as it stands; an attachment without words counts as complete
 */
export function burstWaitMs(isComplete: boolean, burst: BurstSettings = DEFAULT_BURST): number {
	return Math.min(isComplete ? burst.completeMs : burst.fragmentMs, burst.maxMs);
}
