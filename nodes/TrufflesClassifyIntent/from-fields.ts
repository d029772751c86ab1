import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import type { ClassifyInput } from '../../lib/classify/classify-intent';
import type { Intent, ReplyLanguage } from '../../lib/item/turn-item';
import type { DomainIntent, DomainPack } from '../../lib/pack/domain-pack';
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
		domain: addKeywords(readDomainPack(options['domainPack'], 'Domain Pack'), rows),
		previousLanguage: asLanguage(options['previousLanguage']),
		defaultLanguage: asLanguage(context.getNodeParameter('defaultLanguage', itemIndex, 'ru')) ?? 'ru',
		stopWords: splitWords(readText(context, 'stopWords', itemIndex)),
	};
}

function addKeywords(domain: DomainPack | null, rows: readonly KeywordRow[]): DomainPack | null {
	if (rows.length === 0) return domain;
	const base = domain ?? NO_DOMAIN;
	const intents: Partial<Record<Intent, DomainIntent>> = { ...base.intents };
	const outOfDomain = [...base.outOfDomain];
	for (const { intent, words } of rows) {
		const keywords = splitWords(words);
		if (intent === 'off_topic') outOfDomain.push(...keywords);
		else
			intents[intent] = {
				keywords: [...(intents[intent]?.keywords ?? []), ...keywords],
				examples: intents[intent]?.examples ?? [],
			};
	}
	return { ...base, intents, outOfDomain };
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
