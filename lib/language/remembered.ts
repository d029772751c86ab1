/**
 * A function of one text that remembers its latest results: the same chunks and facts stand behind most replies of a
 * business. The value never changes for a text, so only time depends on what was asked before.
 *
 * @param maxEntries results kept; the one asked for longest ago goes first
 * @param maxChars   longer texts are worked out anew each time
 */
export function remembered<T>(work: (text: string) => T, maxEntries: number, maxChars: number): (text: string) => T {
	const results = new Map<string, T>();
	return (text) => {
		if (text.length > maxChars) return work(text);
		const known = results.get(text);
		if (known !== undefined) {
			results.delete(text);
			results.set(text, known);
			return known;
		}
		const result = work(text);
		results.set(text, result);
		const oldest = results.size > maxEntries ? results.keys().next().value : undefined;
		if (oldest !== undefined) results.delete(oldest);
		return result;
	};
}
