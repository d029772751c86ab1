import { TrufflesError } from '../errors';
import type { Kv } from '../ports/kv';
import { repeatEvery } from './repeat-every';

const CHECK_EVERY_MS = 5_000;
/** Set anew by every check, so it ends only with its process. */
const MARK_TTL_MS = 60 * 60_000;

/** True in a process of n8n's queue mode, where executions wait in Redis for a worker. */
export function isQueueMode(environment: NodeJS.ProcessEnv = process.env): boolean {
	return environment['EXECUTIONS_MODE'] === 'queue';
}

/**
 * Notices that Redis has lost what it held (flushed, or restarted without its data), and with it the executions that
 * waited there: n8n goes on waiting for those for ever (2.40.5). A mark of our own in the same Redis tells: when it is gone,
 * so are they.
 *
 * While Redis does not answer nothing is known and nothing is lost yet. An execution that a worker runs just then goes on;
 * its turns may be claimed once more meanwhile, and the one that comes first records the outcome.
 */
export class QueueWatch {
	private isMarked = false;
	private readonly waiting = new Set<(error: Error) => void>();
	private readonly stopChecking: () => void;

	/** @param id tells apart the marks of several triggers */
	constructor(
		private readonly kv: Kv,
		private readonly id: string,
		onProblem: (error: unknown) => void,
		checkEveryMs: number = CHECK_EVERY_MS,
	) {
		this.stopChecking = repeatEvery(checkEveryMs, async () => await this.check(), onProblem);
	}

	/** Sets the mark for the first time; executions that begin before it are not watched. */
	async start(): Promise<void> {
		await this.check();
	}

	/** The execution's end. @throws TRF_EXECUTION_LOST when Redis has lost it */
	async untilLost<T>(execution: Promise<T>): Promise<T> {
		let giveUp: (error: Error) => void = () => undefined;
		const lost = new Promise<never>((_resolve, reject) => {
			giveUp = reject;
		});
		this.waiting.add(giveUp);
		try {
			return await Promise.race([execution, lost]);
		} finally {
			this.waiting.delete(giveUp);
		}
	}

	stop(): void {
		this.stopChecking();
	}

	private async check(): Promise<void> {
		const key = `queue-watch:${this.id}`;
		const isThere = (await this.kv.get(key)) !== null;
		if (this.isSilent()) return;
		if (this.isMarked && !isThere) {
			this.isMarked = false;
			for (const giveUp of [...this.waiting]) giveUp(new TrufflesError('TRF_EXECUTION_LOST'));
		}
		await this.kv.set(key, '1', MARK_TTL_MS);
		// A mark that went into this process's memory, because Redis fell silent just now, is none; the one before it counts.
		if (!this.isSilent()) this.isMarked = true;
	}

	private isSilent(): boolean {
		return this.kv.degraded === true;
	}
}
