/** The search over dev data: FAQs of six invented businesses, asked in Russian, Kazakh, both scripts, with typing errors. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';

import { scoreRanking, summarizeScores } from '../../../lib/eval/retrieval-metrics';
import { buildLexicalIndex } from '../../../lib/knowledge/lexical-index';
import { searchSynonyms } from '../../../lib/pack/search-synonyms';

interface Entry {
	readonly topic: string;
	readonly title: string;
	readonly text: string;
	readonly asks: readonly string[];
}
const data = parse(readFileSync(path.join(__dirname, 'small-business-faq.yaml'), 'utf8')) as {
	readonly businesses: readonly { readonly name: string; readonly entries: readonly Entry[] }[];
	readonly foreign: readonly string[];
};
const everywhere = data.businesses.flatMap(({ name, entries }) =>
	entries.map((entry) => ({ ...entry, id: `${name}/${entry.topic}` })),
);
const indexOf = (entries: readonly (Entry & { id: string })[], withSynonyms: boolean) =>
	buildLexicalIndex(entries, withSynonyms ? searchSynonyms(null) : []);

function ndcg(withSynonyms: boolean): number {
	const index = indexOf(everywhere, withSynonyms);
	const scores = everywhere.flatMap((entry) =>
		entry.asks.map((ask) => {
			const judgements = new Map(everywhere.filter(({ topic }) => topic === entry.topic).map(({ id }) => [id, 1]));
			return scoreRanking(
				index.rank(ask, 10).map(({ chunk }) => chunk.id),
				judgements,
			);
		}),
	);
	return summarizeScores(scores, 1)['ndcg@10'].mean;
}

test('the ranking is as good as when it was tuned, and synonyms help', () => {
	expect(ndcg(false)).toBeGreaterThan(0.74);
	expect(ndcg(true)).toBeGreaterThan(0.78);
});

test('with a business of its own, few of its questions are refused and most others are', () => {
	let answered = 0;
	let asked = 0;
	let refused = 0;
	for (const { name, entries } of data.businesses) {
		const index = indexOf(
			entries.map((entry) => ({ ...entry, id: `${name}/${entry.topic}` })),
			true,
		);
		const asks = entries.flatMap((entry) => entry.asks);
		asked += asks.length;
		answered += asks.filter((ask) => !index.search(ask, 3).nothingRelevant).length;
		refused += data.foreign.filter((question) => index.search(question, 3).nothingRelevant).length;
	}
	expect(answered / asked).toBeGreaterThan(0.8);
	expect(refused / (data.foreign.length * data.businesses.length)).toBeGreaterThan(0.85);
});
