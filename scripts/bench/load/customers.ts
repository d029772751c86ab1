/** One of a load's customers; what they write and to whom depends on the index, so that it stays with them. */
export interface Customer {
	readonly index: number;
	/** Their number as WhatsApp's gateways write it. */
	readonly digits: string;
}

/**
 * Who writes next: somebody new until there are `inTurn` of them, then who has rested longest.
 *
 * Nobody writes again while they wait for a reply: it could not be told which of their messages a reply answers. When
 * everybody waits, others come.
 */
export class Customers {
	private readonly rested: Customer[] = [];
	private count = 0;

	/** @param first number of the first one; no two loads share customers, so that a late reply is nobody else's */
	constructor(
		private readonly first: number,
		private readonly inTurn: number,
	) {}

	/** The number at which another load may begin. */
	get end(): number {
		return this.first + this.count;
	}

	next(): Customer {
		const rested = this.count < this.inTurn ? undefined : this.rested.shift();
		if (rested !== undefined) return rested;
		const index = this.count;
		this.count += 1;
		return { index, digits: `7700${String(this.first + index).padStart(7, '0')}` };
	}

	/** They wait for nothing any more. */
	rest(customer: Customer): void {
		this.rested.push(customer);
	}
}
