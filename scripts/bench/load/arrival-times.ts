/** How the messages of a load follow each other. */
export type Pace =
	/** So many are under way at once; the next one starts when one ends. Finds saturation. */
	| { readonly kind: 'window'; readonly size: number }
	/** At fixed times, whatever becomes of the earlier ones. */
	| { readonly kind: 'steady'; readonly perS: number }
	/** As independent customers write: the same mean, gaps exponentially distributed. */
	| { readonly kind: 'independent'; readonly perS: number; readonly seed: number };

const MS_PER_S = 1_000;

/**
 * Instants at which messages are due, in milliseconds from the start, without end.
 *
 * They do not depend on answers. Latency is measured from them, not from the moment of sending, so that a server that
 * stands still is charged for everybody who would have written meanwhile (no coordinated omission).
 */
export function* arrivalTimesMs(pace: Exclude<Pace, { kind: 'window' }>): Generator<number> {
	const gapMs = MS_PER_S / pace.perS;
	if (pace.kind === 'steady') {
		for (let number = 0; ; number += 1) yield number * gapMs;
	}
	let atMs = 0;
	let state = pace.seed >>> 0;
	for (;;) {
		// A repeatable sequence (Numerical Recipes): every run gets the same arrivals.
		state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
		atMs += -Math.log(1 - state / 4_294_967_296) * gapMs;
		yield atMs;
	}
}
