import type { IExecuteFunctions } from 'n8n-workflow';

import { TrufflesError } from '../../lib/errors';

/** The text of a field; numbers and booleans from expressions are written out, null and undefined are empty. */
export function readText(context: IExecuteFunctions, name: string, itemIndex: number, fallback = ''): string {
	const value = context.getNodeParameter(name, itemIndex, fallback) as unknown;
	if (value === null || value === undefined) return '';
	if (typeof value === 'string') return value;
	if (typeof value === 'number' || typeof value === 'boolean') return String(value);
	throw new TrufflesError('TRF_FIELD_INVALID', { field: name, problem: 'a text is expected' });
}

/** The text of a field that must not be empty. Throws TRF_FIELD_INVALID. */
export function readRequiredText(context: IExecuteFunctions, name: string, itemIndex: number): string {
	const value = readText(context, name, itemIndex).trim();
	if (value === '') throw new TrufflesError('TRF_FIELD_INVALID', { field: name, problem: 'it is empty' });
	return value;
}

/**
 * The value of a JSON field: what an expression gave, or the parsed text. Null when the field is empty.
 * Throws TRF_FIELD_INVALID, without the text itself, when it is not JSON.
 */
export function readJson(context: IExecuteFunctions, name: string, itemIndex: number): unknown {
	const value = context.getNodeParameter(name, itemIndex, '') as unknown;
	return parseJsonValue(value, name);
}

/** As `readJson`, for a value that was already read, for example out of a collection. */
export function parseJsonValue(value: unknown, field: string): unknown {
	if (value === undefined || value === null) return null;
	if (typeof value !== 'string') return value;
	if (value.trim() === '') return null;
	const parsed = tryParse(value);
	if (parsed === undefined) throw new TrufflesError('TRF_FIELD_INVALID', { field, problem: 'it is not valid JSON' });
	return parsed;
}

/** A list of texts from JSON (`["a", "b"]`), from an expression's array, or from lines. */
export function readTextList(context: IExecuteFunctions, name: string, itemIndex: number): string[] {
	const value = context.getNodeParameter(name, itemIndex, '') as unknown;
	return toTextList(value);
}

/** As `readTextList`, for a value that was already read. Empty entries are dropped. */
export function toTextList(value: unknown): string[] {
	const list = Array.isArray(value) ? value.map(String) : typeof value === 'string' ? splitText(value) : [];
	return list.map((entry) => entry.trim()).filter((entry) => entry !== '');
}

function splitText(text: string): string[] {
	if (text.trimStart().startsWith('[')) {
		const parsed = tryParse(text);
		if (Array.isArray(parsed)) return parsed.map(String);
	}
	return text.split('\n');
}

/** Undefined, which JSON cannot express, when the text is no JSON. */
function tryParse(text: string): unknown {
	try {
		return JSON.parse(text) as unknown;
	} catch {
		return undefined;
	}
}
