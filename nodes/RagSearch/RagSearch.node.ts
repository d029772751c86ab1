import {
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
	NodeConnectionTypes,
} from 'n8n-workflow';

import { TrufflesError } from '../../lib/errors';
import type { Retrieval } from '../../lib/item/turn-item';
import { chunksOfText, parseGivenDocuments, type GivenChunk } from '../../lib/knowledge/given-documents';
import { buildLexicalIndex } from '../../lib/knowledge/lexical-index';
import { MODEL_CALLS_AT_ONCE, readTurnItem, type Routed, routeEachItem, turnJson } from '../shared/each-item';
import { readJson, readRequiredText, readText } from '../shared/field-values';
import { openModel } from '../shared/model-access';
import { testModelCredential } from '../shared/model-credential-test';
import { connectOnce, requireClientId, requirePlatform } from '../shared/platform-access';
import { testPlatformCredential } from '../shared/platform-credential-test';
import { readSource, sourceField } from '../shared/source-field';
import { ragFields } from './fields';
import { readNarrowing } from './search-narrowing';
import { searchClient, searchTurn } from './search-turn';

const FOUND = 0;
const NOTHING_RELEVANT = 1;

/** Finds what the business's own documents say about a question. */
export class RagSearch implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'RAG Search',
		name: 'ragSearch',
		icon: { light: 'file:ragSearch.svg', dark: 'file:ragSearch.dark.svg' },
		group: ['transform'],
		version: 1,
		subtitle:
			'={{$parameter["source"] === "fields" ? "in: " + $parameter["documentsFrom"] : "knowledge of the business"}}',
		description: 'Search documents by words and, with Qdrant and embeddings, by meaning',
		defaults: { name: 'RAG Search' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main, NodeConnectionTypes.Main],
		outputNames: ['Found', 'Nothing relevant'],
		credentials: [
			{ name: 'trufflesPlatformApi', required: false, testedBy: 'trufflesPlatformApiTest' },
			{ name: 'trufflesModelApi', required: false, testedBy: 'trufflesModelApiTest' },
		],
		properties: [
			sourceField,
			{
				displayName: 'Operation',
				name: 'operation',
				type: 'options',
				noDataExpression: true,
				options: [{ name: 'Search', value: 'search', description: 'Find the best chunks', action: 'Search documents' }],
				default: 'search',
			},
			...ragFields,
		],
	};

	methods = {
		credentialTest: { trufflesPlatformApiTest: testPlatformCredential, trufflesModelApiTest: testModelCredential },
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const platform = connectOnce(async () => await requirePlatform(this));
		const model = connectOnce(async () => await openModel(this));
		if (readSource(this) === 'standardItem') {
			const search = async (input: INodeExecutionData, itemIndex: number): Promise<Routed> => {
				const item = readTurnItem(input);
				const narrowing = readNarrowing(this, itemIndex);
				const found = await searchTurn(await platform(), await model(), item, narrowing);
				return { output: outputOf(found.retrieval), json: turnJson(found) };
			};
			return await routeEachItem(this, 2, search, MODEL_CALLS_AT_ONCE);
		}
		return await routeEachItem(this, 2, async (input, itemIndex) => {
			const query = readRequiredText(this, 'query', itemIndex);
			const limit = Number(this.getNodeParameter('limit', itemIndex, 50));
			const retrieval =
				this.getNodeParameter('documentsFrom', itemIndex) === 'client'
					? await searchBusiness(this, itemIndex, query, limit)
					: searchGiven(readDocuments(this, itemIndex), query, limit);
			return { output: outputOf(retrieval), json: { ...input.json, retrieval: { ...retrieval } } };
		});

		async function searchBusiness(
			context: IExecuteFunctions,
			itemIndex: number,
			query: string,
			limit: number,
		): Promise<Retrieval> {
			const slug = readRequiredText(context, 'clientSlug', itemIndex);
			const opened = await platform();
			const client = await requireClientId(opened, slug);
			return await searchClient(opened, await model(), {
				clientId: client.id,
				clientSlug: slug,
				configVersion: client.configVersion,
				timeZone: client.timeZone,
				branchId: null,
				query,
				limit,
				conversationId: null,
				turnId: null,
				narrowing: readNarrowing(context, itemIndex),
			});
		}
	}
}

function outputOf(retrieval: Retrieval): number {
	return retrieval.nothingRelevant ? NOTHING_RELEVANT : FOUND;
}

function readDocuments(context: IExecuteFunctions, itemIndex: number): readonly GivenChunk[] {
	if (context.getNodeParameter('documentsFrom', itemIndex) === 'text') {
		return chunksOfText(readText(context, 'text', itemIndex), 'text');
	}
	const parsed = parseGivenDocuments(readJson(context, 'documents', itemIndex));
	if (!parsed.ok)
		throw new TrufflesError('TRF_FIELD_INVALID', {
			field: 'Documents',
			problem: parsed.problems.slice(0, 5).join('; '),
		});
	return parsed.chunks;
}

function searchGiven(chunks: readonly GivenChunk[], query: string, limit: number): Retrieval {
	const { hits, nothingRelevant } = buildLexicalIndex(chunks).search(query, limit);
	return {
		engine: 'lexical',
		query,
		chunks: hits.map(({ chunk, score, relevance }) => ({
			id: chunk.id,
			text: chunk.text,
			title: chunk.title,
			source: chunk.source,
			score,
			relevance,
		})),
		nothingRelevant,
	};
}
