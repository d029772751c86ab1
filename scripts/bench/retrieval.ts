/** How long a lexical search takes: one small client, and a database with a million chunks of a thousand clients. */
import { percentile } from '../../lib/eval/retrieval-metrics';
import { LexicalIndexCache } from '../../lib/knowledge/lexical-index-cache';
import type { StoredChunk } from '../../lib/knowledge/knowledge-store';
import { searchKnowledge, type KnowledgeCache } from '../../lib/knowledge/search-knowledge';
import { searchSynonyms } from '../../lib/pack/search-synonyms';
import type { BenchRow } from './bench-row';
import { CHUNK_WORDS, chunksPerClient, startKnowledgeDatabase, type KnowledgeDatabase } from './knowledge-database';

const SMALL = { clients: 1, documentsPerClient: 50, chunksPerDocument: 5 };
const LARGE = { clients: 1_000, documentsPerClient: 50, chunksPerDocument: 20 };
const SMALL_BAR_MS = 10;
const LARGE_BAR_MS = 50;
const WARM_UP = 30;
const HITS = 400;
const MISSES = 60;
const MIX = 600;
const BYTES_PER_MB = 1_048_576;

/** The rows of `npm run bench -- retrieval`. */
export async function runBench(): Promise<readonly BenchRow[]> {
	return [...(await benchSmall()), ...(await benchLarge())];
}

async function benchSmall(): Promise<BenchRow[]> {
	const database = await startKnowledgeDatabase(SMALL);
	try {
		const searcher = new Searcher(database);
		for (let round = 0; round < WARM_UP; round += 1) await searcher.search(0);
		const times = await searcher.times(Array.from({ length: HITS }, () => 0));
		const what = `search, client of ${SMALL.documentsPerClient} documents (${chunksPerClient(SMALL)} chunks)`;
		return [
			{ bench: 'retrieval', what: `${what}, median`, value: times.median, unit: 'ms', bar: SMALL_BAR_MS },
			{ bench: 'retrieval', what: `${what}, p95`, value: times.p95, unit: 'ms' },
		];
	} finally {
		await database.stop();
	}
}

async function benchLarge(): Promise<BenchRow[]> {
	const startedAt = performance.now();
	process.stderr.write(`filling a database with ${LARGE.clients * chunksPerClient(LARGE)} chunks\n`);
	const database = await startKnowledgeDatabase(LARGE);
	try {
		process.stderr.write(`filled in ${Math.round((performance.now() - startedAt) / 1_000)} s\n`);
		const before = process.memoryUsage().rss;
		const searcher = new Searcher(database);
		// Compiling the code is the first searches' time, not the search's.
		for (let round = 0; round < WARM_UP; round += 1) await searcher.search(round);
		searcher.forget();
		const misses = await searcher.times(Array.from({ length: MISSES }, (_, at) => at * 16));
		const hits = await searcher.times(Array.from({ length: HITS }, (_, at) => (MISSES - 1 - (at % 20)) * 16));
		searcher.forget();
		const visits = popularClients(MIX * 2, LARGE.clients);
		await searcher.times(visits.slice(0, MIX));
		const mix = await searcher.times(visits.slice(MIX));
		const grown = (process.memoryUsage().rss - before) / BYTES_PER_MB;
		const of = `one of ${LARGE.clients} clients, ${LARGE.clients * chunksPerClient(LARGE)} chunks of ${CHUNK_WORDS} words`;
		return [
			{ bench: 'retrieval', what: `search, ${of}, median`, value: mix.median, unit: 'ms', bar: LARGE_BAR_MS },
			{ bench: 'retrieval', what: '  the same, p95', value: mix.p95, unit: 'ms' },
			{
				bench: 'retrieval',
				what: '  the same, share of searches that read the client first',
				value: mix.missShare,
				unit: 'x',
			},
			{ bench: 'retrieval', what: '  client in the cache, median', value: hits.median, unit: 'ms', bar: LARGE_BAR_MS },
			{
				bench: 'retrieval',
				what: '  client read and indexed first, median',
				value: misses.median,
				unit: 'ms',
			},
			{ bench: 'retrieval', what: '  client read and indexed first, p95', value: misses.p95, unit: 'ms' },
			{ bench: 'retrieval', what: '  memory with a full cache', value: grown, unit: 'MB' },
		];
	} finally {
		await database.stop();
	}
}

interface Times {
	readonly median: number;
	readonly p95: number;
	/** Share of the searches for which the client was not in the cache. */
	readonly missShare: number;
}

/** Searches as the node does, with the cache that a process has. */
class Searcher {
	private cache: KnowledgeCache = new LexicalIndexCache<StoredChunk>();
	private readonly synonyms = searchSynonyms(null);
	private asked = 0;

	constructor(private readonly database: KnowledgeDatabase) {}

	forget(): void {
		this.cache = new LexicalIndexCache<StoredChunk>();
	}

	async search(client: number): Promise<void> {
		const { clientIds, questions, db } = this.database;
		const clientId = clientIds[client % clientIds.length] ?? '';
		const query = questions[this.asked % questions.length] ?? '';
		this.asked += 1;
		await searchKnowledge({
			db,
			clientId,
			configVersion: 1,
			query,
			now: new Date(),
			cache: this.cache,
			synonyms: this.synonyms,
		});
	}

	async times(clients: readonly number[]): Promise<Times> {
		const times: number[] = [];
		let misses = 0;
		for (const client of clients) {
			if (!this.cache.has(this.database.clientIds[client % this.database.clientIds.length] ?? '')) misses += 1;
			const startedAt = performance.now();
			await this.search(client);
			times.push(performance.now() - startedAt);
		}
		times.sort((a, b) => a - b);
		return { median: percentile(times, 0.5), p95: percentile(times, 0.95), missShare: misses / clients.length };
	}
}

/** Visits as clients have them: the n-th busiest business has one n-th of the busiest one's customers. */
function popularClients(count: number, clients: number): number[] {
	const weights = Array.from({ length: clients }, (_, at) => 1 / (at + 1));
	const total = weights.reduce((sum, weight) => sum + weight, 0);
	let state = 1;
	return Array.from({ length: count }, () => {
		// A repeatable sequence; every run visits the same clients.
		state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
		let rest = (state / 4_294_967_296) * total;
		let at = 0;
		while (at < clients - 1 && rest > (weights[at] ?? 0)) {
			rest -= weights[at] ?? 0;
			at += 1;
		}
		return at;
	});
}
