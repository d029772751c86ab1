import { IANAZone } from 'luxon';
import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import { classifyIntent } from '../../lib/classify/classify-intent';
import { TrufflesError } from '../../lib/errors';
import { buildTextItem } from '../../lib/item/text-item';
import type { ReplyLanguage, Retrieval, TurnItem } from '../../lib/item/turn-item';
import { buildLexicalIndex } from '../../lib/knowledge/lexical-index';
import type { ComposeContext } from '../../lib/reply/compose-reply';
import { readJson, readText } from '../shared/field-values';
import { readClientPack, readDomainPack } from '../shared/pack-fields';

/** A turn around one text, with the packs it is answered from. Throws TRF_FIELD_INVALID. */
export function readComposeFields(
	context: IExecuteFunctions,
	itemIndex: number,
	now: Date,
): { item: TurnItem; compose: ComposeContext } {
	const options = context.getNodeParameter('options', itemIndex, {}) as IDataObject;
	const pack = readClientPack(context.getNodeParameter('clientPack', itemIndex, ''), 'Client Pack');
	if (pack === null) throw new TrufflesError('TRF_FIELD_INVALID', { field: 'Client Pack', problem: 'it is empty' });
	const domain = readDomainPack(options['domainPack'], 'Domain Pack');
	const defaultLanguage: ReplyLanguage = options['defaultLanguage'] === 'kk' ? 'kk' : 'ru';
	const text = readText(context, 'text', itemIndex);
	const classification = classifyIntent({
		text,
		history: [],
		attachments: [],
		pack,
		domain,
		previousLanguage: null,
		defaultLanguage,
	});
	const item = buildTextItem({
		text,
		businessName: pack.name[classification.replyLanguage],
		timeZone: readTimeZone(options['timeZone'], context.getTimezone()),
		defaultLanguage,
		isFirstTurn: options['isFirstTurn'] === true,
		classification,
		retrieval: readRetrieval(context, itemIndex, text),
		now,
	});
	return { item, compose: { pack, domain, now } };
}

/** The zone of the field, or the workflow's when it is empty. Throws TRF_FIELD_INVALID for a name that no zone has. */
function readTimeZone(value: unknown, fallback: string): string {
	const zone = String(value ?? '').trim();
	if (zone === '') return fallback;
	if (!IANAZone.isValidZone(zone))
		throw new TrufflesError('TRF_FIELD_INVALID', {
			field: 'Time Zone',
			problem: 'a zone such as Asia/Almaty is expected',
		});
	return zone;
}

/** What RAG Search found, or any object with `chunks` that have a text. */
function readRetrieval(context: IExecuteFunctions, itemIndex: number, query: string): Retrieval | null {
	const value = readJson(context, 'retrieval', itemIndex);
	if (value === null) return null;
	const given = (value as { chunks?: unknown }).chunks;
	if (!Array.isArray(given))
		throw new TrufflesError('TRF_FIELD_INVALID', {
			field: 'Retrieval',
			problem: 'an object with "chunks" is expected',
		});
	const chunks = given.map((entry: unknown, index) => {
		const chunk = (typeof entry === 'object' && entry !== null ? entry : { text: entry }) as Record<string, unknown>;
		return {
			id: String(chunk['id'] ?? index),
			text: String(chunk['text'] ?? ''),
			title: typeof chunk['title'] === 'string' ? chunk['title'] : null,
			source: String(chunk['source'] ?? ''),
			score: Number(chunk['score'] ?? 0),
		};
	});
	// Chunks of another search say nothing of how well they fit.
	const relevances = buildLexicalIndex(chunks).relevanceOf(
		query,
		chunks.map((chunk) => chunk.id),
	);
	return {
		engine: 'lexical',
		query,
		chunks: chunks.map((chunk, index) => ({ ...chunk, relevance: relevances[index] ?? 0 })),
		nothingRelevant: chunks.length === 0,
	};
}
