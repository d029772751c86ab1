/** Runs `work` over all items, at most `width` at a time; results in the order of the items. The first failure stops the start of new ones. */
export async function inParallel<T, R>(
	items: readonly T[],
	width: number,
	work: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
	const results = new Array<R>(items.length);
	let next = 0;
	const lane = async (): Promise<void> => {
		while (next < items.length) {
			const index = next;
			next += 1;
			results[index] = await work(items[index] as T, index);
		}
	};
	try {
		await Promise.all(Array.from({ length: Math.min(width, items.length) }, lane));
	} catch (error) {
		next = items.length;
		throw error;
	}
	return results;
}
