/** Waiting that ends. */

/** Resolves or rejects as `work` does; rejects when that takes longer. The work itself is not stopped. */
export async function finishedWithin(work: Promise<void>, timeoutMs: number): Promise<void> {
	let timer: NodeJS.Timeout | undefined;
	const limit = new Promise<never>((_resolve, reject) => {
		timer = setTimeout(() => reject(new Error('it did not end in time')), timeoutMs);
		timer.unref();
	});
	await Promise.race([work, limit]).finally(() => clearTimeout(timer));
}

/** Resolves when all work has ended, well or badly, or when the time is over. */
export async function settledWithin(work: ReadonlyArray<Promise<void>>, timeoutMs: number): Promise<void> {
	let timer: NodeJS.Timeout | undefined;
	const limit = new Promise<void>((resolve) => {
		timer = setTimeout(resolve, timeoutMs);
	});
	await Promise.race([Promise.allSettled(work), limit]);
	clearTimeout(timer);
}
