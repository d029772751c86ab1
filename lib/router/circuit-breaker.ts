import type { Kv } from '../ports/kv';

/** Design, section 6: three failures within a minute open it, after 30 s one probe is let through. */
export const FAILURES_TO_OPEN = 3;
export const FAILURE_WINDOW_MS = 60_000;
export const PROBE_AFTER_MS = 30_000;
/** An open breaker nobody asks about closes by itself. */
const OPEN_TTL_MS = 10 * 60_000;

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
 * Breaker of one client and service over a shared `Kv`. With several processes it is approximate (no locks), which
 * costs at most a few more calls.
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

	async succeeded(): Promise<void> {
		await this.kv.delete(`${this.key}:open`);
		await this.kv.delete(`${this.key}:failures`);
	}

	/** Counts a failure (timeout, connection, 5xx, 429, unreadable answer; not a refusal that is our own mistake). */
	async failed(now: Date, admission: Admission): Promise<void> {
		const { count } = await this.kv.increment(`${this.key}:failures`, FAILURE_WINDOW_MS);
		if (opensOn(count, admission === 'probe'))
			await this.kv.set(`${this.key}:open`, String(now.getTime()), OPEN_TTL_MS);
	}
}
