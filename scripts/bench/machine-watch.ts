/** What the machine and the processes under test do while a long load runs: is a slow minute theirs, or the machine's? */
import { createHash } from 'node:crypto';

import { median, type Sample } from './load/measured-times';
import { type MachineTicks, readMachineTicks, readUsage } from './process-usage';

const SAMPLE_EVERY_MS = 2_000;
/**
 * Hashing it takes some milliseconds of one core: too little to disturb what is measured. Native code, because JavaScript
 * becomes faster once it is compiled.
 */
const HASHED = Buffer.alloc(4_000_000, 'always the same');
const US_PER_MS = 1_000;

interface Moment {
	readonly atMs: number;
	readonly n8nCpuMs: number;
	readonly postgresCpuMs: number;
	readonly machine: MachineTicks;
	/** CPU time of the fixed calculation. */
	readonly calculationMs: number;
}

/** A part of the time. Shares are of all cores together, from 0 to 1. */
export interface MachineSpan {
	readonly n8nCpuMs: number;
	readonly postgresCpuMs: number;
	readonly idle: number;
	readonly disk: number;
	readonly stolen: number;
	/** Median CPU time of a calculation that is always the same: how fast a core is. */
	readonly calculationMs: number;
}

/** Looks every two seconds until it is stopped. */
export class MachineWatch {
	/** Own memory, see `ProcessUsage.ownMb`. */
	readonly n8nOwnMb: Sample[] = [];
	readonly postgresOwnMb: Sample[] = [];
	private readonly moments: Moment[] = [];
	private readonly timer: NodeJS.Timeout;

	constructor(
		private readonly n8nPid: number,
		private readonly postgresPid: number,
	) {
		this.look();
		this.timer = setInterval(() => this.look(), SAMPLE_EVERY_MS);
	}

	stop(): void {
		clearInterval(this.timer);
	}

	/** @param fromMs @param toMs as `performance.now()` tells the time */
	between(fromMs: number, toMs: number): MachineSpan {
		const within = this.moments.filter(({ atMs }) => atMs >= fromMs && atMs <= toMs);
		const [first, last] = [within[0], within.at(-1)];
		if (first === undefined || last === undefined)
			return { n8nCpuMs: 0, postgresCpuMs: 0, idle: 0, disk: 0, stolen: 0, calculationMs: 0 };
		const all = Math.max(1, last.machine.all - first.machine.all);
		const share = (kind: keyof MachineTicks): number => (last.machine[kind] - first.machine[kind]) / all;
		return {
			n8nCpuMs: last.n8nCpuMs - first.n8nCpuMs,
			postgresCpuMs: last.postgresCpuMs - first.postgresCpuMs,
			idle: share('idle'),
			disk: share('disk'),
			stolen: share('stolen'),
			calculationMs: median(within.map(({ calculationMs }) => calculationMs)),
		};
	}

	private look(): void {
		const atMs = performance.now();
		const [n8n, postgres] = [readUsage(this.n8nPid), readUsage(this.postgresPid)];
		this.n8nOwnMb.push({ atMs, value: n8n?.ownMb ?? 0 });
		this.postgresOwnMb.push({ atMs, value: postgres?.ownMb ?? 0 });
		this.moments.push({
			atMs,
			n8nCpuMs: n8n?.cpuMs ?? 0,
			postgresCpuMs: postgres?.cpuMs ?? 0,
			machine: readMachineTicks(),
			calculationMs: calculate(),
		});
	}
}

/** The CPU time that the fixed calculation takes now; waiting for a core is not part of it. */
function calculate(): number {
	const before = process.cpuUsage();
	createHash('sha256').update(HASHED).digest();
	const { user, system } = process.cpuUsage(before);
	return (user + system) / US_PER_MS;
}
