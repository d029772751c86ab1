/** One chaos run on a started world: stream, faults, quiet, verdict. */
import { setTimeout as sleep } from 'node:timers/promises';

import type { Evidence, PhoneMessage } from './evidence';
import { Faults, type InjectedFault } from './faults';
import { Managers } from './managers';
import { readUnfinished, type Unfinished } from './read-database';
import { measureRecovery, type Recovery } from './recovery';
import { SandboxControl } from './sandbox-control';
import { Traffic } from './traffic';
import { planTraffic, type TrafficPlan } from './traffic-plan';
import { judge, type Verdict } from './verdict';
import { withDatabase, Witnesses } from './witnesses';
import type { ChaosWorld } from './world/chaos-world';

export interface ChaosReport {
	readonly messages: number;
	readonly seed: number;
	readonly streamMs: number;
	readonly verdict: Verdict;
	readonly recovery: Recovery;
	readonly faults: readonly InjectedFault[];
	/** What was not finished when the waiting ended; all zero when the inbox was quiet. */
	readonly unfinished: Unfinished;
	/** Updates of managers that were not accepted. */
	readonly pendingUpdates: number;
	readonly hasRedis: boolean;
	/** How often n8n ended without being killed by the run. */
	readonly unexpectedEnds: number;
}

/** A repeated sending may be ten minutes away in theory; a run's faults are too short for more than this. */
const QUIET_TIMEOUT_MS = 240_000;
const QUIET_POLL_MS = 500;
/** What is quiet twice, this far apart, stays quiet. */
const STAYS_QUIET_MS = 1_500;
/** What was not accepted while faults went on is repeated under faults for this long at most, */
const LAST_REPEATS_MS = 120_000;
/** and without faults for this long, before it counts as never accepted. */
const GIVE_UP_MS = 120_000;
const PROGRESS_MS = 10_000;

/** Runs the stream of this seed and size under faults, and judges it. */
export async function runChaos(
	world: ChaosWorld,
	options: { readonly messages: number; readonly seed: number },
): Promise<{ report: ChaosReport; evidence: Evidence }> {
	const plan = planTraffic({ ...options, clients: world.clients.length });
	let arrived: readonly unknown[] = [];
	const faults = new Faults(world, options.seed, () => arrived.length);
	const startedMs = performance.now();
	const endsBefore = world.unexpectedEnds;
	const { evidence, verdict, quietMs, unfinished, pendingUpdates, streamMs } = await runStream(
		world,
		plan,
		async ({ accepted, begun }, phone) => {
			arrived = phone;
			const injecting = faults.run();
			try {
				// A fault that cannot be injected ends the run.
				await Promise.race([accepted, begun.then(lastRepeats), injecting]);
			} finally {
				faults.stop();
			}
			await injecting;
		},
		(traffic) =>
			`${((performance.now() - startedMs) / 1000).toFixed(0)} s: ${traffic.accepted} accepted, ${traffic.waiting} waiting`,
	);
	return {
		evidence,
		report: {
			...options,
			streamMs,
			verdict,
			recovery: measureRecovery(faults.injected, evidence.phone, quietMs),
			faults: faults.injected,
			unfinished,
			pendingUpdates,
			hasRedis: world.hasRedis,
			unexpectedEnds: world.unexpectedEnds - endsBefore,
		},
	};
}

async function lastRepeats(): Promise<void> {
	await sleep(LAST_REPEATS_MS, undefined, { ref: false });
}

/** How far a stream of messages is. */
export interface StreamProgress {
	/** Every planned delivery was sent once. */
	readonly begun: Promise<void>;
	/** Every delivery has its 200. */
	readonly accepted: Promise<void>;
}

export interface StreamResult {
	readonly evidence: Evidence;
	readonly verdict: Verdict;
	readonly streamMs: number;
	readonly quietMs: number;
	readonly unfinished: Unfinished;
	readonly pendingUpdates: number;
}

/**
 * Sends a planned stream under the eyes of the witnesses and judges it when all is quiet.
 *
 * @param meanwhile what happens to the world meanwhile; gets what has arrived on phones so far. When it has ended, what has no
 *   200 yet is given up after two minutes
 */
export async function runStream(
	world: ChaosWorld,
	plan: TrafficPlan,
	meanwhile: (stream: StreamProgress, arrived: readonly PhoneMessage[]) => Promise<void>,
	progress: (traffic: Traffic) => string | null = () => null,
	quietTimeoutMs = QUIET_TIMEOUT_MS,
): Promise<StreamResult> {
	const control = new SandboxControl(world.sandboxUrl);
	const { seq } = await control.phoneMessages(Number.MAX_SAFE_INTEGER);
	const witnesses = new Witnesses(world, control, seq);
	const managers = new Managers(control, world.clients, plan.managers, seq);
	const traffic = new Traffic(world.clients, plan.messages);
	const telling = setInterval(() => {
		const line = progress(traffic);
		if (line !== null) world.log(line);
	}, PROGRESS_MS);
	witnesses.start();
	managers.start();
	try {
		const startedMs = performance.now();
		const accepted = traffic.run();
		await meanwhile({ begun: traffic.begun, accepted }, witnesses.phone);
		const giveUp = setTimeout(() => traffic.stop(), GIVE_UP_MS);
		await accepted;
		clearTimeout(giveUp);
		const streamMs = performance.now() - startedMs;
		const waitedFromMs = performance.now();
		await managers.finish();
		const rest = await waitUntilQuiet(world, control, quietTimeoutMs);
		const quietMs = performance.now() - waitedFromMs;
		await Promise.all([witnesses.stop(), managers.stop()]);
		const evidence = await witnesses.testify(traffic.written, managers);
		return { evidence, verdict: judge(evidence), streamMs, quietMs, ...rest };
	} finally {
		clearInterval(telling);
		traffic.stop();
		await Promise.all([witnesses.stop(), managers.stop()]);
	}
}

async function waitUntilQuiet(
	world: ChaosWorld,
	control: SandboxControl,
	timeoutMs: number,
): Promise<{ unfinished: Unfinished; pendingUpdates: number }> {
	const deadline = performance.now() + timeoutMs;
	const look = async (): Promise<{ unfinished: Unfinished; pendingUpdates: number }> => ({
		unfinished: await withDatabase(world.databaseAdminUrl, readUnfinished),
		pendingUpdates: await control.pendingUpdates(),
	});
	const isQuiet = ({ unfinished, pendingUpdates }: Awaited<ReturnType<typeof look>>): boolean =>
		unfinished.events + unfinished.turns + unfinished.messages + pendingUpdates === 0;
	for (;;) {
		const seen = await look();
		if (isQuiet(seen)) {
			await sleep(STAYS_QUIET_MS);
			const again = await look();
			if (isQuiet(again)) return again;
		}
		if (performance.now() > deadline) return seen;
		await sleep(QUIET_POLL_MS);
	}
}
