import { openLog } from '../../stack/log-file';
import { type N8nProcess, startN8n } from '../../stack/n8n-process';
import type { Shutdown } from '../../stack/shutdown';

export interface N8nLifeOptions {
	readonly environment: Record<string, string>;
	readonly port: number;
	readonly logsDir: string;
	readonly shutdown: Shutdown;
	/** Resolves when the gateway answers for itself; n8n is ready a moment earlier. */
	readonly waitForGateway: () => Promise<void>;
	readonly log: (line: string) => void;
}

/** A start may fail for a reason that passes, such as a database that is restarting. */
const START_ATTEMPTS = 10;
const PAUSE_MS = 500;

/** n8n as its supervisor sees it: killed at any moment, started again whenever it has ended. */
export class N8nLife {
	private current: N8nProcess | null = null;
	private generation = 0;
	private isOver = false;
	private reviving: Promise<void> | null = null;
	/** How often n8n ended without being killed by us. */
	unexpectedEnds = 0;

	constructor(private readonly options: N8nLifeOptions) {}

	/** False from the kill until n8n's gateway answers again. */
	get isUp(): boolean {
		return this.current !== null && this.reviving === null;
	}

	/** Starts n8n and waits until its gateway answers; for the first start and after `kill`. */
	async start(): Promise<void> {
		this.reviving ??= this.startUntilUp().finally(() => {
			this.reviving = null;
		});
		await this.reviving;
	}

	/** Ends the whole process group at once (-9); nothing that it would do after this instant happens. */
	kill(): void {
		const process_ = this.current;
		this.current = null;
		if (process_ !== null) killGroup(process_);
	}

	/** Kills it for good. */
	retire(): void {
		this.isOver = true;
		this.kill();
	}

	private async startUntilUp(): Promise<void> {
		for (let attempt = 1; !this.isOver; attempt += 1) {
			try {
				await this.startOnce();
				return;
			} catch (error) {
				this.kill();
				if (attempt >= START_ATTEMPTS || this.isOver) throw error;
				this.options.log(`n8n did not start, again: ${error instanceof Error ? error.message : String(error)}`);
				await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
			}
		}
	}

	private async startOnce(): Promise<void> {
		const { environment, port, logsDir, shutdown, waitForGateway } = this.options;
		this.generation += 1;
		const log = openLog(logsDir, `n8n-${String(this.generation).padStart(3, '0')}`);
		const started = startN8n(environment, port, log);
		this.current = started;
		shutdown.own(started.part);
		void started.ended.then(() => {
			shutdown.disown(started.part);
			log.close();
			this.onEnd(started);
		});
		await started.ready;
		await Promise.race([
			waitForGateway(),
			started.ended.then(() => {
				throw new Error('n8n ended right after its start');
			}),
		]);
	}

	private onEnd(ended: N8nProcess): void {
		if (this.current !== ended || this.reviving !== null || this.isOver) return;
		this.current = null;
		this.unexpectedEnds += 1;
		this.options.log('n8n ended by itself and is started again');
		this.start().catch((error: unknown) => this.options.log(`n8n stays down: ${String(error)}`));
	}
}

function killGroup({ part }: N8nProcess): void {
	if (part.process === null) return;
	try {
		process.kill(-part.process.pid, 'SIGKILL');
	} catch {
		// It has just ended by itself.
	}
}
