import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';

/** Something the stack started and has to stop. */
export interface OwnedPart {
	readonly name: string;
	/** Process to be stopped even if this one is killed; null for parts inside this process. */
	readonly process: { readonly pid: number; readonly signal: 'SIGTERM' | 'SIGINT' } | null;
	stop(): Promise<void>;
}

/**
 * What was started, in order. Stops it in reverse order, once, and nothing else.
 * A watchdog process does the same for the processes when this one dies without warning.
 */
export class Shutdown {
	private readonly parts: OwnedPart[] = [];
	private watchdog: ChildProcess | null = null;
	private stopping: Promise<void> | null = null;

	constructor(private readonly log: (line: string) => void) {}

	/** True once stopping has begun: nothing new may be started. */
	get isStopping(): boolean {
		return this.stopping !== null;
	}

	/** Takes over a part that has just been started. */
	own(part: OwnedPart): void {
		this.parts.push(part);
		if (part.process !== null) this.tellWatchdog(`+${part.process.pid} ${part.process.signal}`);
		// Started while the others were being stopped: it has to go too.
		if (this.stopping !== null) this.stopping = this.stopping.then(() => this.stopInReverse());
	}

	/**
	 * Takes over a part from the moment it begins to start: a stop that comes before it is there waits for it and stops it.
	 * @returns what `start` gives, and fails as it does
	 */
	async ownStarting<T extends { readonly part: OwnedPart }>(name: string, start: Promise<T>): Promise<T> {
		const starting: OwnedPart = {
			name,
			process: null,
			stop: async () => {
				const started = await start.catch(() => null);
				await started?.part.stop();
			},
		};
		this.own(starting);
		try {
			const started = await start;
			if (!this.isStopping) this.replace(starting, started.part);
			return started;
		} catch (error) {
			this.disown(starting);
			throw error;
		}
	}

	/** Lets go of a part that has ended by itself. */
	disown(part: OwnedPart): void {
		const index = this.parts.indexOf(part);
		if (index < 0) return;
		this.parts.splice(index, 1);
		if (part.process !== null) this.tellWatchdog(`-${part.process.pid}`);
	}

	/** The same part under another process, at the same place in the order. */
	replace(part: OwnedPart, successor: OwnedPart): void {
		const at = this.parts.indexOf(part);
		if (at === -1) return this.own(successor);
		this.parts[at] = successor;
		if (successor.process !== null) this.tellWatchdog(`+${successor.process.pid} ${successor.process.signal}`);
		if (part.process !== null) this.tellWatchdog(`-${part.process.pid}`);
	}

	/** Stops everything in reverse order; a part that fails to stop does not keep the others running. */
	stopAll(): Promise<void> {
		this.stopping ??= this.stopInReverse();
		return this.stopping;
	}

	/** Ends everything at once, without waiting: the second Ctrl-C. */
	killAll(): void {
		for (const part of [...this.parts].reverse()) {
			if (part.process === null) continue;
			try {
				process.kill(-part.process.pid, 'SIGKILL');
			} catch {
				// Not the leader of a group, or already gone; the watchdog tries again.
			}
		}
	}

	private async stopInReverse(): Promise<void> {
		// A part may still be starting and be added while the others stop.
		for (let part = this.parts.pop(); part !== undefined; part = this.parts.pop()) {
			try {
				await part.stop();
				if (part.process !== null) this.tellWatchdog(`-${part.process.pid}`);
			} catch (error) {
				this.log(`${part.name} did not stop: ${error instanceof Error ? error.message : String(error)}`);
			}
		}
		this.watchdog?.stdin?.end();
		this.watchdog = null;
	}

	private tellWatchdog(line: string): void {
		if (this.watchdog === null) {
			this.watchdog = spawn(process.execPath, [path.join(__dirname, 'watchdog.cjs')], {
				stdio: ['pipe', 'ignore', 'ignore'],
				detached: true,
			});
			this.watchdog.unref();
			this.watchdog.stdin?.on('error', () => undefined);
		}
		this.watchdog.stdin?.write(`${line}\n`);
	}
}
