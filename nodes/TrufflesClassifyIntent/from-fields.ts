import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import type { ClassifyInput } from '../../lib/classify/classify-intent';
import type { Intent, ReplyLanguage } from '../../lib/item/turn-item';
import type { DomainPack } from '../../lib/pack/domain-pack';
import { readText } from '../shared/field-values';
import { readClientPack, readDomainPack } from '../shared/pack-fields';

interface KeywordRow {
	readonly intent: Intent;
	readonly words: string;
}

const NO_DOMAIN: DomainPack = {
	domain: 'fields',
	names: { ru: 'fields', kk: 'fields' },
	intents: {},
	categories: [],
	outOfDomain: [],
};

/** What the classifier needs, from the fields of one item. Throws TRF_FIELD_INVALID for a pack that is not one. */
export function readClassifyFields(context: IExecuteFunctions, itemIndex: number): ClassifyInput {
	const options = context.getNodeParameter('options', itemIndex, {}) as IDataObject;
	const rows = context.getNodeParameter('keywords.intents', itemIndex, []) as unknown as KeywordRow[];
	return {
		text: readText(context, 'text', itemIndex),
		history: [],
		attachments: [],
		pack: readClientPack(options['clientPack'], 'Client Pack'),
		domain: addOffTopic(readDomainPack(options['domainPack'], 'Domain Pack'), rows),
		ownKeywords: Object.fromEntries(rows.map(({ intent, words }) => [intent, splitWords(words)])),
		previousLanguage: asLanguage(options['previousLanguage']),
		defaultLanguage: asLanguage(context.getNodeParameter('defaultLanguage', itemIndex, 'ru')) ?? 'ru',
		stopWords: splitWords(readText(context, 'stopWords', itemIndex)),
	};
}

/** What the business never does is told to the classifier as the domain tells it. */
function addOffTopic(domain: DomainPack | null, rows: readonly KeywordRow[]): DomainPack | null {
	const words = rows.filter(({ intent }) => intent === 'off_topic').flatMap((row) => splitWords(row.words));
	if (words.length === 0) return domain;
	const base = domain ?? NO_DOMAIN;
	return { ...base, outOfDomain: [...base.outOfDomain, ...words] };
}

function splitWords(text: string): string[] {
	return text
		.split(/[,;\n]/)
		.map((word) => word.trim())
		.filter((word) => word !== '');
}

function asLanguage(value: unknown): ReplyLanguage | null {
	return value === 'ru' || value === 'kk' ? value : null;
}
