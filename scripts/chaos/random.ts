/** Numbers that look random and are the same for the same seed: a run can be repeated. */
export class SeededRandom {
	private state: number;

	constructor(seed: number) {
		this.state = seed >>> 0;
	}

	/** From 0 to below 1. Source: mulberry32 (public domain). */
	next(): number {
		this.state = (this.state + 0x6d2b79f5) >>> 0;
		let mixed = Math.imul(this.state ^ (this.state >>> 15), this.state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	}

	/** A whole number, both ends included. */
	between(least: number, most: number): number {
		return least + Math.floor(this.next() * (most - least + 1));
	}

	chance(probability: number): boolean {
		return this.next() < probability;
	}

	/** One of the list; the list must not be empty. */
	pick<T>(list: readonly T[]): T {
		return list[Math.floor(this.next() * list.length)] as T;
	}

	/** A copy in another order. */
	shuffled<T>(list: readonly T[]): T[] {
		const copy = [...list];
		for (let index = copy.length - 1; index > 0; index -= 1) {
			const other = this.between(0, index);
			[copy[index], copy[other]] = [copy[other] as T, copy[index] as T];
		}
		return copy;
	}
}
