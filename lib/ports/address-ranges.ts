/** A set of network addresses. The adapter is `lib/adapters/address-ranges.ts`. */
export interface AddressRanges {
	/** False also for a text that is no address. */
	contains(address: string): boolean;
}
