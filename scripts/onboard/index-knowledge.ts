import { OpenAiLlm } from '../../lib/adapters/openai-llm';
import { QdrantVectors } from '../../lib/adapters/qdrant-vectors';
import { indexClient } from '../../lib/knowledge/index-client';
import type { Db } from '../../lib/ports/db';

const EMBED_TIMEOUT_MS = 30_000;
const UPSERT_TIMEOUT_MS = 30_000;

export interface IndexTarget {
	readonly qdrantUrl: string;
	readonly qdrantApiKey: string | null;
	/** Null: sparse vectors only. */
	readonly embedding: { readonly baseUrl: string; readonly apiKey: string; readonly model: string } | null;
}

/** What QDRANT_URL, QDRANT_API_KEY, OPENAI_API_KEY, OPENAI_BASE_URL and TRUFFLES_EMBEDDING_MODEL ask for; null without QDRANT_URL. */
export function readIndexTarget(environment: NodeJS.ProcessEnv): IndexTarget | null {
	const text = (name: string): string | null => environment[name]?.trim() || null;
	const qdrantUrl = text('QDRANT_URL');
	if (qdrantUrl === null) return null;
	const [apiKey, model] = [text('OPENAI_API_KEY'), text('TRUFFLES_EMBEDDING_MODEL')];
	const embedding =
		apiKey === null || model === null
			? null
			: { apiKey, model, baseUrl: text('OPENAI_BASE_URL') ?? 'https://api.openai.com/v1' };
	return { qdrantUrl, qdrantApiKey: text('QDRANT_API_KEY'), embedding };
}

/**
 * Brings a client's chunks into Qdrant. Never throws: without Qdrant the assistant searches in PostgreSQL, so a Qdrant
 * that is away is a note and no failure.
 */
export async function indexKnowledge(
	db: Db,
	client: { readonly id: string; readonly slug: string },
	target: IndexTarget,
): Promise<string> {
	const vectors = new QdrantVectors({
		url: target.qdrantUrl,
		apiKey: target.qdrantApiKey,
		timeoutMs: UPSERT_TIMEOUT_MS,
	});
	const { embedding } = target;
	const embed =
		embedding === null
			? null
			: async (texts: readonly string[]): Promise<number[][] | null> => {
					const llm = new OpenAiLlm({ apiKey: embedding.apiKey, baseUrl: embedding.baseUrl });
					return (await llm.embed(embedding.model, texts, EMBED_TIMEOUT_MS))?.vectors ?? null;
				};
	try {
		const { chunks, dense } = await indexClient(db, vectors, client, embed);
		return `qdrant: ${chunks} chunks${dense ? '' : ' (sparse vectors only)'}`;
	} catch {
		return 'qdrant: not reachable, knowledge is searched in PostgreSQL; run "npm run onboard" again when it is back';
	}
}
