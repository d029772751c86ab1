import { randomUUID } from 'node:crypto';

import { OpenAiLlm } from '../../lib/adapters/openai-llm';
import { QdrantVectors } from '../../lib/adapters/qdrant-vectors';
import type { QueryRun } from '../../lib/eval/retrieval-figures';
import { RANKING_DEPTH } from '../../lib/eval/retrieval-metrics';
import type { SetText } from '../../lib/eval/retrieval-set';
import { denseBar } from '../../lib/knowledge/dense-bar';
import { DEFAULT_DENSE_SIZE } from '../../lib/knowledge/index-client';
import { buildLexicalIndex, type LexicalIndex } from '../../lib/knowledge/lexical-index';
import { chunkSparseVector } from '../../lib/knowledge/sparse-vector';
import { rankByVectors } from '../../lib/knowledge/vector-ranking';
import { detectLanguage } from '../../lib/language/detect-language';
import { readIndexTarget, type IndexTarget } from '../onboard/index-knowledge';
import { EvalProblem } from './eval-problem';

const BATCH = 64;
const TIMEOUT_MS = 30_000;

/** A search engine over one set. */
export interface RetrievalEngine {
	/** Without `milliseconds`, which the caller takes. */
	search(query: string): Promise<Omit<QueryRun, 'milliseconds'>>;
	close(): Promise<void>;
	readonly details: Readonly<Record<string, unknown>>;
}

type Synonyms = readonly (readonly string[])[];

/** The engine over chunks in memory, as it answers without Qdrant. */
export function openLexical(documents: readonly SetText[], synonyms: Synonyms): RetrievalEngine {
	const index = buildLexicalIndex(documents, synonyms);
	return {
		details: { relevanceBar: round(index.relevanceBar) },
		search: async (query) => {
			const hits = index.rank(query, RANKING_DEPTH);
			return {
				ranking: hits.map(({ chunk }) => chunk.id),
				nothingRelevant: (hits[0]?.relevance ?? 0) < index.relevanceBar,
				bestDenseScore: null,
			};
		},
		close: async () => undefined,
	};
}

/** Qdrant behind QDRANT_URL, in a collection of its own that is removed again; dense with an embedding model, else sparse. */
export async function openQdrant(
	documents: readonly SetText[],
	synonyms: Synonyms,
	environment: NodeJS.ProcessEnv,
): Promise<RetrievalEngine> {
	const target = readIndexTarget(environment);
	if (target === null)
		throw new EvalProblem('--engine qdrant needs QDRANT_URL, for example QDRANT_URL=http://127.0.0.1:6333.');
	const collection = `truffles_eval_${randomUUID().slice(0, 8)}`;
	const store = new QdrantVectors({
		url: target.qdrantUrl,
		apiKey: target.qdrantApiKey,
		collection,
		timeoutMs: TIMEOUT_MS,
	});
	const tenant = { id: randomUUID(), slug: 'eval' };
	// Points need ids of Qdrant's own forms; what the set calls its documents comes back in the ranking.
	const chunks = documents.map((document) => ({ ...document, id: randomUUID(), setId: document.id }));
	const index = buildLexicalIndex(chunks, synonyms);
	const embed = embedder(target);
	const now = new Date();
	try {
		await indexDocuments(store, tenant, chunks, embed);
	} catch (error) {
		await store.dropCollection().catch(() => undefined);
		throw error;
	}
	return {
		details: {
			qdrant: new URL(target.qdrantUrl).host,
			embeddingModel: target.embedding?.model ?? null,
			relevanceBar: round(index.relevanceBar),
		},
		search: async (query) =>
			await searchQdrant(store, index, {
				query,
				tenant,
				synonyms,
				now,
				dense: (await embed?.([query]))?.[0] ?? null,
				model: target.embedding?.model ?? null,
			}),
		close: async () => await store.dropCollection(),
	};
}

interface SearchRequest {
	readonly query: string;
	readonly tenant: { readonly id: string; readonly slug: string };
	readonly synonyms: Synonyms;
	readonly now: Date;
	readonly dense: readonly number[] | null;
	readonly model: string | null;
}

async function searchQdrant(
	store: QdrantVectors,
	index: LexicalIndex<SetText & { readonly setId: string }>,
	{ query, tenant, synonyms, now, dense, model }: SearchRequest,
): Promise<Omit<QueryRun, 'milliseconds'>> {
	const { hits, nothingRelevant, bestDenseScore } = await rankByVectors(store, index, {
		tenant,
		query,
		language: detectLanguage(query),
		dense,
		limit: RANKING_DEPTH,
		filter: { branchTag: null, now },
		accept: () => true,
		denseBar: denseBar(model, null),
		synonyms,
	});
	return { ranking: hits.map(({ chunk }) => chunk.setId), nothingRelevant, bestDenseScore };
}

type Embed = (texts: readonly string[]) => Promise<readonly (readonly number[])[]>;

function embedder({ embedding }: IndexTarget): Embed | null {
	if (embedding === null) return null;
	const llm = new OpenAiLlm({ apiKey: embedding.apiKey, baseUrl: embedding.baseUrl });
	return async (texts) => {
		const embedded = await llm.embed(embedding.model, texts, TIMEOUT_MS);
		if (embedded === null) throw new Error('The embedding endpoint gave nothing.');
		return embedded.vectors;
	};
}

async function indexDocuments(
	store: QdrantVectors,
	tenant: { readonly id: string; readonly slug: string },
	chunks: readonly SetText[],
	embed: Embed | null,
): Promise<void> {
	let isCreated = false;
	for (let start = 0; start < chunks.length; start += BATCH) {
		const batch = chunks.slice(start, start + BATCH);
		const dense = await embed?.(batch.map(({ title, text }) => `${title ?? ''}\n${text}`));
		if (!isCreated) await store.ensureCollection(dense?.[0]?.length ?? DEFAULT_DENSE_SIZE);
		isCreated = true;
		await store.upsertChunks(
			tenant,
			batch.map((chunk, at) => ({
				id: chunk.id,
				dense: dense?.[at] ?? null,
				sparse: chunkSparseVector(chunk.title, chunk.text),
				knowledgeTag: null,
				language: null,
				documentKind: null,
				validFromMs: null,
				validToMs: null,
			})),
		);
	}
}

function round(value: number): number {
	return Math.round(value * 1_000) / 1_000;
}
