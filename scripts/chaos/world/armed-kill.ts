import type { KillPoint } from './kill-points';

/** What happens at the point: n8n ends, or it lives on and only loses the connection on which the point was seen. */
export type Blow = 'kill' | 'cut';

interface Armed {
	readonly point: KillPoint;
	readonly blow: Blow;
	readonly reached: () => void;
}

/** Waits for one point at a time and strikes in the very instant in which it is reached. */
export class ArmedKill {
	private armed: Armed | null = null;

	/** @param kill ends n8n at once; must not wait for anything */
	constructor(private readonly kill: () => void) {}

	/** @returns whether the point was reached within `timeoutMs`; it is disarmed then */
	async at(point: KillPoint, timeoutMs: number, blow: Blow = 'kill'): Promise<boolean> {
		if (this.armed !== null) throw new Error(`The ${this.armed.blow} at ${this.armed.point} is still awaited.`);
		return await new Promise<boolean>((resolve) => {
			const timer = setTimeout(() => {
				this.armed = null;
				resolve(false);
			}, timeoutMs);
			this.armed = {
				point,
				blow,
				reached: () => {
					clearTimeout(timer);
					resolve(true);
				},
			};
		});
	}

	/** To be told of every point that is reached. @returns true when the connection ends here, and n8n too if so armed */
	isStruckAt(point: KillPoint | null): boolean {
		if (point === null || this.armed?.point !== point) return false;
		const { blow, reached } = this.armed;
		this.armed = null;
		if (blow === 'kill') this.kill();
		reached();
		return true;
	}
}
