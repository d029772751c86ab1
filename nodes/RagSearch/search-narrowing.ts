import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import { TrufflesError } from '../../lib/errors';

/** What a search leaves out. Every field narrows inside one client; the client itself is no part of it. */
export interface SearchNarrowing {
	/** Branch of a search without a turn; a turn brings its own. */
	readonly branchTag: string | null;
	readonly documentKinds: readonly string[] | null;
	readonly language: string | null;
	/** Null: now. */
	readonly validAt: Date | null;
	/** Null: the bar of the embedding model. */
	readonly leastSimilarity: number | null;
}

/** Reads the node's options. Throws TRF_FIELD_INVALID for a date or a number that is none. */
export function readNarrowing(context: IExecuteFunctions, itemIndex: number): SearchNarrowing {
	const options = context.getNodeParameter('searchOptions', itemIndex, {}) as IDataObject;
	const text = (name: string): string | null => {
		const value = options[name];
		return typeof value === 'string' && value.trim() !== '' ? value.trim() : null;
	};
	const kinds = (text('documentTypes') ?? '')
		.split(',')
		.map((kind) => kind.trim())
		.filter((kind) => kind !== '');
	const language = text('language');
	return {
		branchTag: text('branchTag'),
		documentKinds: kinds.length === 0 ? null : kinds,
		language: language === 'any' ? null : language,
		validAt: readDate(text('validAt')),
		leastSimilarity: readSimilarity(options['leastSimilarity']),
	};
}

function readDate(value: string | null): Date | null {
	if (value === null) return null;
	const date = new Date(value);
	if (Number.isNaN(date.getTime()))
		throw new TrufflesError('TRF_FIELD_INVALID', { field: 'Valid At', problem: 'it is no date' });
	return date;
}

function readSimilarity(value: unknown): number | null {
	const number = Number(value ?? 0);
	if (!Number.isFinite(number) || number < 0 || number > 1)
		throw new TrufflesError('TRF_FIELD_INVALID', {
			field: 'Least Similarity',
			problem: 'a number from 0 to 1 is expected',
		});
	return number === 0 ? null : number;
}
