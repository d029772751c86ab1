import Ajv from 'ajv';
import { DateTime } from 'luxon';

import { describeSchemaProblems } from '../tenant/schema-problems';

/** What is said about a document beside its text: in its front matter, or in client.yaml. */
export interface DocumentMeta {
	/** Type for filters, such as `faq` or `price_list`; null: the file's format. */
	readonly kind: string | null;
	/** Only for this branch; null for all. */
	readonly knowledgeTag: string | null;
	readonly language: 'ru' | 'kk' | 'en' | null;
	/** First instant at which the document holds; null without a beginning. */
	readonly validFrom: Date | null;
	/** First instant at which it holds no more; null without an end. */
	readonly validTo: Date | null;
}

export interface DocumentMetaYaml {
	readonly branch?: string;
	readonly type?: string;
	readonly language?: 'ru' | 'kk' | 'en';
	readonly valid_from?: string;
	readonly valid_to?: string;
}

export interface MetaContext {
	/** IANA zone of the business: days begin there. */
	readonly timeZone: string;
	readonly branches: readonly { readonly key: string; readonly knowledgeTag: string | null }[];
}

const DAY = { type: 'string', pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' };

/** JSON schema of what may be said about a document. */
export const DOCUMENT_META_SCHEMA = {
	type: 'object',
	additionalProperties: false,
	properties: {
		branch: { type: 'string', minLength: 1, maxLength: 64 },
		type: { type: 'string', pattern: '^[a-z0-9][a-z0-9_-]{0,62}$' },
		language: { enum: ['ru', 'kk', 'en'] },
		valid_from: DAY,
		valid_to: DAY,
	},
} as const;

const validate = new Ajv({ allErrors: true, verbose: true }).compile<DocumentMetaYaml>(DOCUMENT_META_SCHEMA);

/**
 * Checks what is said about a document.
 *
 * @param frontMatter parsed YAML of the document itself; null for none
 * @param entry       of client.yaml, already checked; it wins over the front matter, key by key
 */
export function parseDocumentMeta(
	frontMatter: unknown,
	entry: DocumentMetaYaml | null,
	context: MetaContext,
): { readonly ok: true; readonly meta: DocumentMeta } | { readonly ok: false; readonly problems: readonly string[] } {
	const own = frontMatter ?? {};
	if (!validate(own)) return { ok: false, problems: describeSchemaProblems(validate.errors, 'front matter') };
	const said: DocumentMetaYaml = { ...own, ...entry };
	const problems: string[] = [];
	const tag = said.branch === undefined ? null : tagOf(said.branch, context, problems);
	const from = dayStart(said.valid_from, 'valid_from', context, problems);
	const lastDay = dayStart(said.valid_to, 'valid_to', context, problems);
	if (from !== null && lastDay !== null && lastDay < from) problems.push('valid_to is before valid_from');
	if (problems.length > 0) return { ok: false, problems };
	return {
		ok: true,
		meta: {
			kind: said.type ?? null,
			knowledgeTag: tag,
			language: said.language ?? null,
			validFrom: from?.toJSDate() ?? null,
			// The last day belongs to the period, so it ends where the next day begins.
			validTo: lastDay?.plus({ days: 1 }).toJSDate() ?? null,
		},
	};
}

/** A branch is named by its key or by its knowledge tag. */
function tagOf(branch: string, { branches }: MetaContext, problems: string[]): string | null {
	const found = branches.find(({ key, knowledgeTag }) => key === branch || knowledgeTag === branch);
	if (found === undefined) {
		problems.push(`there is no branch "${branch}"; known: ${branches.map(({ key }) => key).join(', ')}`);
		return null;
	}
	if (found.knowledgeTag === null) {
		problems.push(`branch "${found.key}" has no knowledge_tag, so a document cannot belong to it alone`);
		return null;
	}
	return found.knowledgeTag;
}

function dayStart(
	day: string | undefined,
	name: string,
	{ timeZone }: MetaContext,
	problems: string[],
): DateTime<true> | null {
	if (day === undefined) return null;
	const start = DateTime.fromISO(day, { zone: timeZone });
	if (start.isValid) return start as DateTime<true>;
	problems.push(`${name}: "${day}" is no day of the calendar`);
	return null;
}
