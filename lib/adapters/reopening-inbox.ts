import { TrufflesError } from '../errors';
import type { InboxPump } from './inbox-pump';

/** Between two attempts to open the inbox while the database is away. */
const REOPEN_MS = 3_000;

/**
 * Opens the inbox, also when the database is not there yet.
 *
 * n8n activates a trigger once; a trigger that fails then stays off, for ever and through restarts, while the workflow
 * is shown as published. So a failure that passes by itself is not a failure of the activation: it is tried again
 * here. A wrong credential is one, and is thrown, because only a person can mend it.
 */
export class ReopeningInbox {
	private pump: InboxPump | null = null;
	private timer: NodeJS.Timeout | null = null;
	private stopped = false;

	constructor(
		private readonly open: () => Promise<InboxPump>,
		private readonly onProblem: (error: unknown) => void,
		private readonly reopenMs: number = REOPEN_MS,
	) {}

	/** Resolves when the inbox is open or will be tried again; throws what only a person can mend. */
	async start(): Promise<void> {
		try {
			const pump = await this.open();
			if (this.stopped) await pump.stop(0);
			else this.pump = pump;
		} catch (error) {
			if (!(error instanceof TrufflesError) || !error.retryable) throw error;
			this.onProblem(error);
			if (!this.stopped) this.timer = setTimeout(() => void this.start().catch(this.onProblem), this.reopenMs);
		}
	}

	async stop(timeoutMs: number): Promise<void> {
		this.stopped = true;
		if (this.timer !== null) clearTimeout(this.timer);
		await this.pump?.stop(timeoutMs);
	}
}
