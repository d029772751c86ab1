/** Figures of the reply guard over labelled drafts. */
import { wilsonInterval } from './interval';

export interface JudgedDraft {
	/** Line of the file, from 1. */
	readonly line: number;
	readonly allowed: boolean;
	/** Empty when the guard let the draft pass. */
	readonly violations: readonly string[];
	readonly timeMs: number;
}

/** A share with its 95 % Wilson interval. */
export interface Rate {
	readonly count: number;
	readonly of: number;
	readonly rate: number;
	readonly interval: readonly [number, number];
}

export interface GuardReport {
	readonly cases: number;
	readonly allowed: number;
	readonly forbidden: number;
	/** Forbidden drafts that the guard let pass. */
	readonly falsePasses: Rate;
	/** Allowed drafts that the guard stopped. */
	readonly falseAlarms: Rate;
	readonly accuracy: Rate;
	/** How often each violation was found in forbidden drafts (rightly) and in allowed ones (wrongly). */
	readonly byViolation: Readonly<Record<string, { readonly forbidden: number; readonly allowed: number }>>;
	readonly wrong: ReadonlyArray<Pick<JudgedDraft, 'line' | 'allowed' | 'violations'>>;
	readonly timeMs: { readonly p50: number; readonly p95: number; readonly max: number };
}

/** Sums up judged drafts; an empty list gives rates of 0 of 0 with the interval 0..1. */
export function summarizeGuard(judged: readonly JudgedDraft[]): GuardReport {
	const allowed = judged.filter((draft) => draft.allowed);
	const forbidden = judged.filter((draft) => !draft.allowed);
	const falsePasses = forbidden.filter(({ violations }) => violations.length === 0);
	const falseAlarms = allowed.filter(({ violations }) => violations.length > 0);
	const wrong = judged.filter(({ allowed: may, violations }) => may !== (violations.length === 0));
	const times = judged.map(({ timeMs }) => timeMs).sort((a, b) => a - b);
	return {
		cases: judged.length,
		allowed: allowed.length,
		forbidden: forbidden.length,
		falsePasses: rate(falsePasses.length, forbidden.length),
		falseAlarms: rate(falseAlarms.length, allowed.length),
		accuracy: rate(judged.length - wrong.length, judged.length),
		byViolation: countViolations(judged),
		wrong: wrong.map(({ line, allowed: may, violations }) => ({ line, allowed: may, violations })),
		timeMs: { p50: quantile(times, 0.5), p95: quantile(times, 0.95), max: times.at(-1) ?? 0 },
	};
}

function rate(count: number, of: number): Rate {
	return { count, of, rate: of === 0 ? 0 : count / of, interval: wilsonInterval(count, of) };
}

function countViolations(judged: readonly JudgedDraft[]): GuardReport['byViolation'] {
	const counts: Record<string, { forbidden: number; allowed: number }> = {};
	for (const { allowed, violations } of judged) {
		for (const violation of violations) {
			const count = (counts[violation] ??= { forbidden: 0, allowed: 0 });
			count[allowed ? 'allowed' : 'forbidden'] += 1;
		}
	}
	return Object.fromEntries(Object.entries(counts).sort(([a], [b]) => a.localeCompare(b)));
}

function quantile(sorted: readonly number[], share: number): number {
	return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))] ?? 0;
}
