import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DeployedBy } from '../../lib/workflows/deploy-record';
import { isProcessAlive } from '../stack/process-life';

/** What a deploy needs of this machine: its clock, its name, and which of its processes live. */
export interface DeployTools {
	readonly by: DeployedBy;
	readonly isGone: (by: DeployedBy) => boolean;
	readonly monotonicMs: () => number;
	readonly sleep: (ms: number) => Promise<void>;
	readonly now: () => Date;
	readonly onProgress: (line: string) => void;
}

/** @param onProgress gets one line per step */
export function deployTools(onProgress: (line: string) => void): DeployTools {
	const by = { host: hostname(), pid: process.pid };
	return {
		by,
		isGone: ({ host, pid }) => host === by.host && !isProcessAlive(pid),
		monotonicMs: () => performance.now(),
		sleep: async (ms) => void (await sleep(ms)),
		now: () => new Date(),
		onProgress,
	};
}

/** A new id, with its time: `20261121T084419Z-7f3a91c-3f9a`. */
export function newDeployId(releaseName: string, now: Date): string {
	const time = now.toISOString().replace(/[-:]|\.\d+/g, '');
	return `${time}-${releaseName.replace(/[^\w.]+/g, '-')}-${randomBytes(2).toString('hex')}`;
}
