/**
 * Does something again and again for as long as the process lives; one that takes longer than the interval is not overtaken.
 *
 * @param onProblem told about a failure; the next time comes all the same
 * @returns the function that ends it
 */
export function repeatEvery(
	intervalMs: number,
	work: () => Promise<unknown>,
	onProblem: (error: unknown) => void,
): () => void {
	let isRunning = false;
	const timer = setInterval(() => {
		if (isRunning) return;
		isRunning = true;
		work()
			.catch(onProblem)
			.finally(() => {
				isRunning = false;
			});
	}, intervalMs);
	timer.unref();
	return () => clearInterval(timer);
}
