/** Keeps the best documents of a scan, so that a hundred thousand scores need not be sorted. */
export class TopDocuments {
	private readonly docs: number[] = [];
	private readonly scores: number[] = [];

	constructor(private readonly limit: number) {}

	/** A score up to this one is not kept; 0 while there is room, because 0 means "no common gram". */
	get least(): number {
		return this.docs.length < this.limit ? 0 : (this.scores[this.scores.length - 1] ?? 0);
	}

	/** Call in order of documents: equal scores keep it. */
	add(doc: number, score: number): void {
		let low = 0;
		let high = this.docs.length;
		while (low < high) {
			const middle = (low + high) >> 1;
			if ((this.scores[middle] ?? 0) >= score) low = middle + 1;
			else high = middle;
		}
		this.docs.splice(low, 0, doc);
		this.scores.splice(low, 0, score);
		if (this.docs.length > this.limit) {
			this.docs.pop();
			this.scores.pop();
		}
	}

	/** Best first. */
	documents(): readonly number[] {
		return this.docs;
	}
}
