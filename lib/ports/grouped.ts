/**
 * Work that many callers ask for one by one and that is cheaper for many at once: calls with the same key that come while
 * one is under way share the next one. Every caller gets the result, or the failure, of its own item.
 * The adapter is `lib/adapters/grouped-work.ts`.
 */
export interface Grouped<Item, Result> {
	/** @param key what the items of one group have in common; groups of different keys run side by side */
	do(key: string, item: Item): Promise<Result>;
}
