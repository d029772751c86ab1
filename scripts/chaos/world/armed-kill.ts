import type { KillPoint } from './kill-points';

/** Waits for one kill point at a time and kills in the very instant in which it is reached. */
export class ArmedKill {
	private armed: { readonly point: KillPoint; readonly reached: () => void } | null = null;

	/** @param kill ends n8n at once; must not wait for anything */
	constructor(private readonly kill: () => void) {}

	/** @returns whether the point was reached, and n8n killed, within `timeoutMs`; it is disarmed then */
	async at(point: KillPoint, timeoutMs: number): Promise<boolean> {
		if (this.armed !== null) throw new Error(`The kill at ${this.armed.point} is still awaited.`);
		return await new Promise<boolean>((resolve) => {
			const timer = setTimeout(() => {
				this.armed = null;
				resolve(false);
			}, timeoutMs);
			this.armed = {
				point,
				reached: () => {
					clearTimeout(timer);
					resolve(true);
				},
			};
		});
	}

	/** To be told of every point that is reached. @returns true when n8n was killed just now */
	isKilledAt(point: KillPoint | null): boolean {
		if (point === null || this.armed?.point !== point) return false;
		const { reached } = this.armed;
		this.armed = null;
		this.kill();
		reached();
		return true;
	}
}
