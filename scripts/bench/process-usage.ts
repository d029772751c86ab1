/** CPU time and memory of process trees, from Linux' /proc. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** What a process and its children have used and hold. */
export interface ProcessUsage {
	/** User and system time, also of children that have ended. */
	readonly cpuMs: number;
	/** Memory that it would give back: pages shared with others are shared out between them (PSS). */
	readonly memoryMb: number;
	/** The part of it that is no file and no shared memory, such as PostgreSQL's buffers, which fill up to their size. */
	readonly ownMb: number;
}

interface ProcessLine {
	readonly pid: number;
	readonly parent: number;
	readonly ticks: number;
	/** Of children that have ended and were waited for. */
	readonly endedTicks: number;
}

const KB_PER_MB = 1_024;
const MS_PER_S = 1_000;
let ticksPerS: number | null = null;

/** @returns null where /proc cannot be read (not Linux) */
export function readUsage(rootPid: number): ProcessUsage | null {
	try {
		ticksPerS ??= Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
		const tree = treeOf(rootPid, readAll());
		const ticks = tree.reduce((sum, line) => sum + line.ticks + line.endedTicks, 0);
		const memoryMb = (kind: 'Pss' | 'Pss_Anon'): number =>
			tree.reduce((sum, { pid }) => sum + readPssKb(pid, kind), 0) / KB_PER_MB;
		return { cpuMs: (ticks / ticksPerS) * MS_PER_S, memoryMb: memoryMb('Pss'), ownMb: memoryMb('Pss_Anon') };
	} catch {
		return null;
	}
}

/** What all cores have spent since the machine started, in ticks. */
export interface MachineTicks {
	readonly all: number;
	readonly idle: number;
	/** Idle while something waited for the disk. */
	readonly disk: number;
	/** Taken by other machines on the same host. */
	readonly stolen: number;
}

/** @returns zeros where /proc cannot be read (not Linux) */
export function readMachineTicks(): MachineTicks {
	try {
		// "cpu  user nice system idle iowait irq softirq steal guest ..."; guest is a part of user.
		const fields =
			readFileSync('/proc/stat', 'utf8').split('\n', 1)[0]?.trim().split(/\s+/).slice(1, 9).map(Number) ?? [];
		const [, , , idle = 0, disk = 0, , , stolen = 0] = fields;
		return { all: fields.reduce((sum, ticks) => sum + ticks, 0), idle, disk, stolen };
	} catch {
		return { all: 0, idle: 0, disk: 0, stolen: 0 };
	}
}

/** The parent of a process; 0 when unknown. */
export function parentOf(pid: number): number {
	return readLine(pid)?.parent ?? 0;
}

function readAll(): ProcessLine[] {
	return readdirSync('/proc')
		.filter((name) => /^\d+$/.test(name))
		.map((name) => readLine(Number(name)))
		.filter((line) => line !== null);
}

function readLine(pid: number): ProcessLine | null {
	try {
		// "pid (name) state ppid ...": the name may hold spaces and brackets.
		const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
			.replace(/^.*\) /s, '')
			.split(' ')
			.map(Number);
		const [, parent = 0] = fields;
		return {
			pid,
			parent,
			ticks: (fields[11] ?? 0) + (fields[12] ?? 0),
			endedTicks: (fields[13] ?? 0) + (fields[14] ?? 0),
		};
	} catch {
		return null;
	}
}

function treeOf(rootPid: number, all: readonly ProcessLine[]): ProcessLine[] {
	const tree = all.filter(({ pid }) => pid === rootPid);
	// Grows while it is walked.
	for (const { pid } of tree) tree.push(...all.filter(({ parent }) => parent === pid));
	return tree;
}

function readPssKb(pid: number, kind: 'Pss' | 'Pss_Anon'): number {
	try {
		const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
		return Number(new RegExp(`^${kind}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0);
	} catch {
		return 0;
	}
}
