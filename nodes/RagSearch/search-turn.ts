import type { Retrieval, TurnItem } from '../../lib/item/turn-item';
import { addNotes } from '../../lib/item/turn-item-updates';
import { loadBranchTag } from '../../lib/knowledge/branch-tag';
import { denseBar } from '../../lib/knowledge/dense-bar';
import { LexicalIndexCache } from '../../lib/knowledge/lexical-index-cache';
import type { StoredChunk } from '../../lib/knowledge/knowledge-store';
import { queryOfTurn } from '../../lib/knowledge/query-of-turn';
import { searchKnowledge } from '../../lib/knowledge/search-knowledge';
import { searchSynonyms } from '../../lib/pack/search-synonyms';
import type { ModelAccess } from '../shared/model-access';
import type { Platform } from '../shared/platform';
import { queryEmbedder } from './embed-query';
import type { SearchNarrowing } from './search-narrowing';

/** Indexes of the clients served lately; one cache for the process, keyed by client and configuration version. */
const indexes = new LexicalIndexCache<StoredChunk>();

/** Which client's knowledge is searched, for what. */
export interface ClientSearch {
	readonly clientId: string;
	readonly clientSlug: string;
	readonly configVersion: number;
	readonly timeZone: string;
	readonly branchId: string | null;
	readonly query: string;
	readonly limit?: number;
	readonly conversationId: string | null;
	readonly turnId: string | null;
	readonly narrowing: SearchNarrowing;
}

/** Searches one client's knowledge: hybrid when Qdrant and embeddings are at hand, by words otherwise. */
export async function searchClient(
	platform: Platform,
	access: ModelAccess | null,
	search: ClientSearch,
): Promise<Retrieval & { readonly notes: readonly string[] }> {
	const { db, vectors, clock } = platform;
	const { clientId, branchId } = search;
	const embedQuery = queryEmbedder(platform, access, search);
	const { domain } = await platform.packs(clientId, search.configVersion);
	const { narrowing } = search;
	const branchTag =
		branchId === null
			? narrowing.branchTag
			: await platform.perVersion.get(
					clientId,
					search.configVersion,
					`branch tag ${branchId}`,
					async () => await db.asClient(clientId, async (tx) => await loadBranchTag(tx, clientId, branchId)),
				);
	return await searchKnowledge({
		db,
		clientId,
		clientSlug: search.clientSlug,
		configVersion: search.configVersion,
		query: search.query,
		limit: search.limit,
		branchTag,
		now: narrowing.validAt ?? clock.now(),
		documentKinds: narrowing.documentKinds,
		language: narrowing.language,
		cache: indexes,
		synonyms: searchSynonyms(domain),
		vector: vectors,
		denseBar: denseBar(access?.embeddingModel ?? null, narrowing.leastSimilarity),
		...(embedQuery === null ? {} : { embedQuery }),
	});
}

/** The item with what the client's knowledge says about its text. */
export async function searchTurn(
	platform: Platform,
	access: ModelAccess | null,
	item: TurnItem,
	narrowing: SearchNarrowing,
): Promise<TurnItem & { readonly retrieval: Retrieval }> {
	const { client: pack, domain } = await platform.packs(item.client.id, item.client.configVersion);
	const { notes, ...retrieval } = await searchClient(platform, access, {
		clientId: item.client.id,
		clientSlug: item.client.slug,
		configVersion: item.client.configVersion,
		timeZone: item.client.timeZone,
		branchId: item.branch?.id ?? null,
		query: queryOfTurn(item, pack, domain),
		conversationId: item.conversation.id,
		turnId: item.turn.id,
		narrowing,
	});
	return { ...addNotes(item, notes), retrieval };
}
