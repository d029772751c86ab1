import { TrufflesError } from '../errors';
import type { Grouped } from '../ports/grouped';

export interface GroupedWorkOptions<Item, Result> {
	/** Does it for all of them, or for none when it throws. Answers in the order of the items. */
	readonly doAll: (key: string, items: readonly Item[]) => Promise<readonly Result[]>;
	/** Default 50. */
	readonly maxItems?: number;
	/** Characters of an item; a group has half a million of them at most, unless it is one item. Default: they do not count. */
	readonly sizeOf?: (item: Item) => number;
	/** Items of the same identity never share a group: the later one sees what the earlier one did. Default: all may. */
	readonly identityOf?: (item: Item) => unknown;
}

interface Call<Item, Result> {
	readonly item: Item;
	readonly resolve: (result: Result) => void;
	readonly reject: (error: unknown) => void;
}

const MAX_ITEMS = 50;
const MAX_SIZE = 500_000;

/**
 * Collects the calls of one turn of the event loop, and those that come while a group of the same key is under way.
 *
 * A group that fails is done again one by one, side by side and without holding the next group, so that an item which
 * cannot be done fails alone. A database that cannot be reached fails them all: nobody knows then what was done.
 */
export class GroupedWork<Item, Result> implements Grouped<Item, Result> {
	private readonly waiting = new Map<string, Array<Call<Item, Result>>>();

	constructor(private readonly options: GroupedWorkOptions<Item, Result>) {}

	async do(key: string, item: Item): Promise<Result> {
		return await new Promise<Result>((resolve, reject) => {
			const call = { item, resolve, reject };
			const calls = this.waiting.get(key);
			if (calls !== undefined) {
				calls.push(call);
				return;
			}
			const first = [call];
			this.waiting.set(key, first);
			void this.run(key, first);
		});
	}

	private async run(key: string, calls: Array<Call<Item, Result>>): Promise<void> {
		while (calls.length > 0) {
			await new Promise((resolve) => setImmediate(resolve));
			await this.runGroup(key, this.takeGroup(calls));
		}
		this.waiting.delete(key);
	}

	/** Takes the next group out of the calls that wait, in their order. */
	private takeGroup(calls: Array<Call<Item, Result>>): ReadonlyArray<Call<Item, Result>> {
		const { maxItems = MAX_ITEMS, identityOf = () => ({}), sizeOf = () => 0 } = this.options;
		const identities = new Set<unknown>();
		const group: Array<Call<Item, Result>> = [];
		const later: Array<Call<Item, Result>> = [];
		let size = 0;
		for (const call of calls.splice(0)) {
			const identity = identityOf(call.item);
			size += sizeOf(call.item);
			const hasRoom = group.length === 0 || (group.length < maxItems && size <= MAX_SIZE);
			const fits = hasRoom && !identities.has(identity);
			identities.add(identity);
			(fits ? group : later).push(call);
		}
		calls.push(...later);
		return group;
	}

	private async runGroup(key: string, group: ReadonlyArray<Call<Item, Result>>): Promise<void> {
		try {
			const results = await this.options.doAll(
				key,
				group.map(({ item }) => item),
			);
			group.forEach((call, index) => call.resolve(results[index] as Result));
		} catch (error) {
			if (group.length === 1 || isForAll(error)) for (const call of group) call.reject(error);
			else for (const call of group) void this.runGroup(key, [call]);
		}
	}
}

function isForAll(error: unknown): boolean {
	return error instanceof TrufflesError && error.code === 'TRF_DB_UNREACHABLE';
}
