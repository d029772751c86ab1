import type { Kv } from '../ports/kv';

/** Design, section 6: three failures within a minute open it, after 30 s one probe is let through. */
export const FAILURES_TO_OPEN = 3;
export const FAILURE_WINDOW_MS = 60_000;
export const PROBE_AFTER_MS = 30_000;
/** An open breaker nobody asks about closes by itself. */
const OPEN_TTL_MS = 10 * 60_000;
/** Failures are numbered; the numbers start again after a day, long after the last of them mattered. */
const NUMBERING_MS = 24 * 60 * 60_000;

export type Admission = 'closed' | 'probe' | 'open';

/**
 * Pure rule: what an opened breaker does now.
 *
 * @param openedAtMs      instant it opened, or null when closed
 * @param probesInFlight  probes already let through since then, this one included
 */
export function admit(openedAtMs: number | null, nowMs: number, probesInFlight: number): Admission {
	if (openedAtMs === null) return 'closed';
	if (nowMs - openedAtMs < PROBE_AFTER_MS) return 'open';
	return probesInFlight <= 1 ? 'probe' : 'open';
}

/** Pure rule: whether this failure opens the breaker. A failed probe opens it at once. */
export function opensOn(failuresInWindow: number, wasProbe: boolean): boolean {
	return wasProbe || failuresInWindow >= FAILURES_TO_OPEN;
}

/**
 * Breaker of one client and service over a shared `Kv`.
 *
 * Each failure takes a number (one atomic step of the `Kv`) and leaves a mark that lives one minute. Whoever sees three
 * marks in a row, his own among them, opens: so the minute slides, and of failures that several processes write at
 * once the last one sees them all.
 */
export class CircuitBreaker {
	private readonly key: string;

	/** @param service for example `model:openai:gpt-4.1-mini` */
	constructor(
		private readonly kv: Kv,
		clientId: string,
		service: string,
	) {
		this.key = `circuit:${clientId}:${service}`;
	}

	/** Asks whether a call may be made. A `probe` must be followed by `succeeded` or `failed`. */
	async admission(now: Date): Promise<Admission> {
		const opened = await this.kv.get(`${this.key}:open`);
		if (opened === null) return 'closed';
		const openedAtMs = Number(opened);
		if (now.getTime() - openedAtMs < PROBE_AFTER_MS) return 'open';
		// The probe's slot frees itself: a process that dies with the probe must not keep the breaker open for ever.
		const { count } = await this.kv.increment(`${this.key}:probe:${openedAtMs}`, PROBE_AFTER_MS);
		return admit(openedAtMs, now.getTime(), count);
	}

	/**
	 * The service is well. Closes after a probe and forgets the failures before it; while closed nothing is written:
	 * one good answer does not undo a failure of the last minute.
	 */
	async succeeded(admission: Admission): Promise<void> {
		if (admission === 'closed') return;
		const last = Number((await this.kv.get(`${this.key}:count`)) ?? 0);
		await Promise.all([
			this.kv.delete(`${this.key}:open`),
			this.kv.delete(this.mark(last)),
			this.kv.delete(this.mark(last - 1)),
		]);
	}

	/** Counts a failure (timeout, connection, 5xx, 429, unreadable answer; not a refusal that is our own mistake). */
	async failed(now: Date, admission: Admission): Promise<void> {
		const { count } = await this.kv.increment(`${this.key}:count`, NUMBERING_MS);
		await this.kv.set(this.mark(count), String(now.getTime()), FAILURE_WINDOW_MS);
		// A call made in spite of an open breaker does not put off its probe.
		if (admission !== 'open' && opensOn(await this.failuresAround(count), admission === 'probe'))
			await this.kv.set(`${this.key}:open`, String(now.getTime()), OPEN_TTL_MS);
	}

	/** Longest row of living marks that holds this one, counted up to what opens. */
	private async failuresAround(number: number): Promise<number> {
		const reach = FAILURES_TO_OPEN - 1;
		const around = Array.from({ length: 2 * reach + 1 }, (_, index) => number - reach + index);
		const living = await Promise.all(
			around.map(async (mark) => mark === number || (mark > 0 && (await this.kv.get(this.mark(mark))) !== null)),
		);
		let longest = 0;
		let row = 0;
		for (const [index, lives] of living.entries()) {
			row = lives ? row + 1 : 0;
			if (index >= reach && row > index - reach) longest = Math.max(longest, row);
		}
		return longest;
	}

	private mark(number: number): string {
		return `${this.key}:failure:${number}`;
	}
}
