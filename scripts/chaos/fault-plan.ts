/** Which faults a chaos run injects, and in which order: a pure function of seed and round. */
import { SeededRandom } from './random';
import { type FaultyService, KILL_POINTS, type KillPoint, type ServiceFault } from './world/chaos-world';

/** Something that takes a process, or a connection at an exact moment, away. One at a time. */
export type HardFault =
	| { readonly kind: 'kill_at'; readonly point: KillPoint }
	| { readonly kind: 'kill' }
	| { readonly kind: 'cut_at'; readonly point: KillPoint }
	| { readonly kind: 'restart_postgres'; readonly mode: 'fast' | 'immediate' }
	| { readonly kind: 'flush_redis' }
	| { readonly kind: 'stop_redis'; readonly forMs: number };

/** An outside service that misbehaves for a while. */
export interface SoftFault {
	readonly service: FaultyService;
	readonly fault: ServiceFault;
	readonly forMs: number;
}

/** A fault and the quiet time after it. */
export interface Step<T> {
	readonly fault: T;
	readonly pauseMs: number;
}

const SOFT: ReadonlyArray<readonly [service: FaultyService, fault: ServiceFault, leastMs: number, mostMs: number]> = [
	['openai', { mode: 'fail', status: 500 }, 3_000, 8_000],
	['openai', { mode: 'hang' }, 4_000, 9_000],
	['openai', { mode: 'malformed' }, 3_000, 8_000],
	['openai', { mode: 'slow', delayMs: 2_500 }, 4_000, 10_000],
	['chatflow', { mode: 'fail', status: 503 }, 2_000, 6_000],
	['chatflow', { mode: 'fail', status: 429 }, 2_000, 5_000],
	['chatflow', { mode: 'fail', status: 400, times: 2 }, 1_500, 3_000],
	['chatflow', { mode: 'slow', delayMs: 1_500 }, 3_000, 8_000],
	['chatflow', { mode: 'reset', times: 3 }, 1_500, 3_000],
	['chatflow', { mode: 'sent_then_lost', times: 3 }, 1_500, 3_000],
	['chatflow', { mode: 'malformed', times: 2 }, 1_500, 3_000],
	['chatflow', { mode: 'hang', times: 2 }, 2_000, 3_000],
	['telegram', { mode: 'fail', status: 500 }, 2_000, 6_000],
	['telegram', { mode: 'slow', delayMs: 1_500 }, 2_000, 6_000],
	['telegram', { mode: 'sent_then_lost', times: 3 }, 1_500, 3_000],
];

const HARD_PAUSE_MS = { least: 1_000, most: 4_000 };
const SOFT_PAUSE_MS = { least: 400, most: 2_000 };

/**
 * One round of the faults that take processes away: every kill point once, and everything else. In the first round the kill
 * points come first, so that also a short run passes all of them.
 */
export function planHardRound(seed: number, round: number): Array<Step<HardFault>> {
	const random = new SeededRandom(seed * 31 + round);
	const points: HardFault[] = KILL_POINTS.map((point) => ({ kind: 'kill_at', point }));
	const others: HardFault[] = [
		...KILL_POINTS.map((point) => ({ kind: 'cut_at', point }) as const),
		{ kind: 'kill' },
		{ kind: 'restart_postgres', mode: 'fast' },
		{ kind: 'restart_postgres', mode: 'immediate' },
		{ kind: 'flush_redis' },
		{ kind: 'stop_redis', forMs: random.between(2_000, 5_000) },
	];
	const faults =
		round === 0 ? [...random.shuffled(points), ...random.shuffled(others)] : random.shuffled([...points, ...others]);
	return faults.map((fault) => ({ fault, pauseMs: random.between(HARD_PAUSE_MS.least, HARD_PAUSE_MS.most) }));
}

/** One round of misbehaving services, each once. */
export function planSoftRound(seed: number, round: number): Array<Step<SoftFault>> {
	const random = new SeededRandom(seed * 37 + round);
	return random.shuffled(SOFT).map(([service, fault, leastMs, mostMs]) => ({
		fault: { service, fault, forMs: random.between(leastMs, mostMs) },
		pauseMs: random.between(SOFT_PAUSE_MS.least, SOFT_PAUSE_MS.most),
	}));
}
