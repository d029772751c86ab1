import { type ChildProcess, fork } from 'node:child_process';
import path from 'node:path';

import type { LoadJob, LoadReport, LoadResult } from './load-job';

/** Called when the warm-up is over and when the measured time is. */
export interface LoadMoments {
	readonly onMeasuring?: () => void;
	readonly onMeasured?: () => void;
}

/** The process with customers, channel and model. */
export interface LoadWorld {
	readonly pid: number;
	/** Without a slash at the end. */
	readonly chatflowUrl: string;
	readonly modelUrl: string;
	/** One at a time. */
	run(job: LoadJob, moments?: LoadMoments): Promise<LoadResult>;
	stop(): void;
}

export async function startLoadWorld(): Promise<LoadWorld> {
	const child = fork(path.join(__dirname, 'load-process.ts'), {
		execArgv: ['--require', 'ts-node/register'],
		stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
	});
	const { port } = await reportOf(child, 'ready');
	return {
		pid: child.pid ?? 0,
		chatflowUrl: `http://127.0.0.1:${port}/chatflow`,
		modelUrl: `http://127.0.0.1:${port}/openai/v1`,
		run: async (job, moments = {}) => {
			const done = reportOf(child, 'done');
			const onMoment = (report: LoadReport): void => {
				if (report.kind === 'measuring') moments.onMeasuring?.();
				if (report.kind === 'measured') moments.onMeasured?.();
			};
			child.on('message', onMoment);
			child.send(job);
			try {
				return (await done).result;
			} finally {
				child.removeListener('message', onMoment);
			}
		},
		stop: () => child.disconnect(),
	};
}

async function reportOf<Kind extends LoadReport['kind']>(
	child: ChildProcess,
	kind: Kind,
): Promise<Extract<LoadReport, { kind: Kind }>> {
	return await new Promise((resolve, reject) => {
		const end = (settle: () => void): void => {
			child.removeListener('message', onMessage);
			child.removeListener('exit', onExit);
			settle();
		};
		const onMessage = (report: LoadReport): void => {
			if (report.kind === kind) end(() => resolve(report as Extract<LoadReport, { kind: Kind }>));
			if (report.kind === 'failed') end(() => reject(new Error(report.problem)));
		};
		const onExit = (): void => end(() => reject(new Error('the load process ended')));
		child.on('message', onMessage);
		child.once('exit', onExit);
	});
}
