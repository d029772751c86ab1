import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import { TrufflesError } from '../../lib/errors';
import { describeAttachments } from '../../lib/item/attachment-text';
import type { Attachment } from '../../lib/item/turn-item';
import { readJson, readText } from '../shared/field-values';

const KINDS: ReadonlySet<string> = new Set(['image', 'audio', 'video', 'document', 'location', 'contact', 'other']);

/** Text and notes of one item, from its fields. Throws TRF_FIELD_INVALID when the attachments are not a list. */
export function readAttachmentFields(context: IExecuteFunctions, itemIndex: number): IDataObject {
	const value = readJson(context, 'attachments', itemIndex) ?? [];
	if (!Array.isArray(value))
		throw new TrufflesError('TRF_FIELD_INVALID', { field: 'attachments', problem: 'a list is expected' });
	const { text, notes } = describeAttachments(readText(context, 'text', itemIndex), value.map(toAttachment));
	return { text, notes: [...notes] };
}

function toAttachment(value: unknown): Attachment {
	const given = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
	const kind = String(given['kind'] ?? 'other');
	return {
		kind: (KINDS.has(kind) ? kind : 'other') as Attachment['kind'],
		mimeType: null,
		fileName: null,
		sizeBytes: null,
		url: null,
		caption: typeof given['caption'] === 'string' ? given['caption'] : null,
	};
}
