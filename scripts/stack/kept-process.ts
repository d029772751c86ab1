import type { N8nProcess } from './n8n-process';
import type { Shutdown } from './shutdown';

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 15_000;
/** A process that ran for this long is not one that fails at once. */
const STEADY_MS = 30_000;

/**
 * Keeps one process running, as systemd or Docker would: when it ends by itself it is started again, the sooner the longer
 * it had been running.
 */
export class KeptProcess {
	private current: N8nProcess;

	/** Starts it. `say` is told about each new start; `onChange` after it, when the process id is another one. */
	constructor(
		readonly name: string,
		private readonly start: () => N8nProcess,
		private readonly shutdown: Shutdown,
		private readonly say: (line: string) => void,
		private readonly onChange: () => void,
	) {
		this.current = this.launch(FIRST_PAUSE_MS);
	}

	/** Of the first start; a later one is not waited for. */
	get ready(): Promise<void> {
		return this.current.ready;
	}

	get pid(): number {
		return this.current.part.process?.pid ?? 0;
	}

	private launch(pauseMs: number): N8nProcess {
		const startedMs = performance.now();
		const started = this.start();
		this.shutdown.own(started.part);
		void started.ended.then((code) => {
			if (this.shutdown.isStopping) return;
			this.shutdown.disown(started.part);
			const wasSteady = performance.now() - startedMs > STEADY_MS;
			const waitMs = wasSteady ? FIRST_PAUSE_MS : pauseMs;
			this.say(`${this.name} ended (${code === null ? 'killed' : `exit code ${code}`}); it is started again.`);
			setTimeout(() => {
				if (this.shutdown.isStopping) return;
				this.current = this.launch(Math.min(waitMs * 2, LONGEST_PAUSE_MS));
				this.onChange();
			}, waitMs);
		});
		return started;
	}
}
