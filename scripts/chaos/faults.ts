/** Injects the planned faults, round after round, while the stream of messages goes on. */
import { setTimeout as sleep } from 'node:timers/promises';

import { type HardFault, planHardRound, planSoftRound, type SoftFault, type Step } from './fault-plan';
import type { ChaosWorld, FaultyService, KillPoint } from './world/chaos-world';

/** A point that no message passes in this time is tried again in the next round. */
const POINT_TIMEOUT_MS = 20_000;
const LONGEST_WAIT_FOR_REPLY_MS = 10_000;
const REPLY_POLL_MS = 200;
const STEPS_BEFORE_NEXT_TRY = 1;
const SERVICES: readonly FaultyService[] = ['chatflow', 'telegram', 'openai'];

/** What was injected. */
export interface InjectedFault {
	/** For example `kill_at after_claim`. */
	readonly name: string;
	readonly at: number;
	/** How long the process did not answer; 0 for services that only misbehave. */
	readonly downMs: number;
	/** False: the kill point was not passed in time, and nothing was killed. */
	readonly reached: boolean;
}

/** Injects until it is told that the stream has ended. */
export class Faults {
	readonly injected: InjectedFault[] = [];
	private readonly stopping = new AbortController();

	/** @param replies how many replies have arrived so far */
	constructor(
		private readonly world: ChaosWorld,
		private readonly seed: number,
		private readonly replies: () => number,
	) {}

	/** Resolves after `stop`, with every service well again. */
	async run(): Promise<void> {
		await Promise.all([this.repeat(planHardRound, this.hard), this.repeat(planSoftRound, this.soft)]);
		for (const service of SERVICES) await this.world.setFault(service, { mode: 'ok' });
		await this.world.startRedis();
	}

	stop(): void {
		this.stopping.abort();
	}

	private async repeat<T>(
		plan: (seed: number, round: number) => Array<Step<T>>,
		inject: (fault: T) => Promise<boolean>,
	): Promise<void> {
		for (let round = 0; !this.stopping.signal.aborted; round += 1) {
			const steps = plan(this.seed, round);
			const tried = new Set<Step<T>>();
			for (let step = steps.shift(); step !== undefined; step = steps.shift()) {
				if (this.stopping.signal.aborted) return;
				const isReached = await inject(step.fault);
				// What no message passed in time is tried once more, a little later.
				if (!isReached && !tried.has(step)) steps.splice(STEPS_BEFORE_NEXT_TRY, 0, step);
				tried.add(step);
				await this.pause(step.pauseMs);
			}
		}
	}

	/** One kill after another without a reply between would only show how often a turn is tried. */
	private async someReply(): Promise<void> {
		const before = this.replies();
		const deadline = performance.now() + LONGEST_WAIT_FOR_REPLY_MS;
		while (this.replies() === before && performance.now() < deadline && !this.stopping.signal.aborted)
			await this.pause(REPLY_POLL_MS);
	}

	/** @returns whether it came to it */
	private readonly hard = async (fault: HardFault): Promise<boolean> => {
		const at = Date.now();
		switch (fault.kind) {
			case 'kill_at': {
				const { reached, downMs } = await this.world.killN8nAt(fault.point, POINT_TIMEOUT_MS);
				this.note(killName(fault.point), reached ? Date.now() - downMs : at, downMs, reached);
				await this.someReply();
				return reached;
			}
			case 'cut_at':
				return this.note(`cut_at ${fault.point}`, at, 0, await this.world.cutAt(fault.point, POINT_TIMEOUT_MS));
			case 'kill':
				this.note('kill', at, await this.world.killN8n());
				await this.someReply();
				return true;
			case 'restart_postgres':
				return this.note(`restart_postgres ${fault.mode}`, at, await this.world.restartPostgres(fault.mode));
			case 'flush_redis':
				if (this.world.hasRedis) await this.world.flushRedis();
				return this.note('flush_redis', at, 0, this.world.hasRedis);
			case 'stop_redis':
				if (this.world.hasRedis) {
					await this.world.stopRedis();
					await this.pause(fault.forMs);
					await this.world.startRedis();
				}
				return this.note('stop_redis', at, this.world.hasRedis ? Date.now() - at : 0, this.world.hasRedis);
		}
	};

	private readonly soft = async ({ service, fault, forMs }: SoftFault): Promise<boolean> => {
		const at = Date.now();
		await this.world.setFault(service, fault);
		this.note(`${service} ${fault.mode}${fault.status === undefined ? '' : ` ${fault.status}`}`, at, 0);
		await this.pause(forMs);
		await this.world.setFault(service, { mode: 'ok' });
		return true;
	};

	/** @returns `reached` */
	private note(name: string, at: number, downMs: number, reached = true): boolean {
		this.injected.push({ name, at, downMs, reached });
		this.world.log(`${name}${reached ? '' : ' (not reached)'}${downMs > 0 ? ` ${(downMs / 1000).toFixed(1)} s` : ''}`);
		return reached;
	}

	private async pause(ms: number): Promise<void> {
		await sleep(ms, undefined, { signal: this.stopping.signal }).catch(() => undefined);
	}
}

/** Name of a kill at this point among the injected faults. */
export function killName(point: KillPoint): string {
	return `kill_at ${point}`;
}
