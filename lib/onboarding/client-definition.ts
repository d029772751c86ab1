/** What a client's folder says, checked as a whole before anything is written. */
import Ajv from 'ajv';
import { IANAZone } from 'luxon';
import type { ReplyLanguage } from '../item/turn-item';
import { DOCUMENT_META_SCHEMA, type DocumentMetaYaml } from '../knowledge/document-meta';
import { parseClientPack, type ClientPack } from '../pack/client-pack';
import { parseDomainPack, type DomainPack } from '../pack/domain-pack';
import { parseClientSettings, SECRET_NAMES } from '../tenant/client-settings';
import { describeSchemaProblems } from '../tenant/schema-problems';
import {
	defineDocuments,
	type ChunkingOptions,
	type DocumentDefinition,
	type FolderDocument,
} from './document-definition';

/** A client's folder after reading: YAML already parsed, Markdown as text. */
export interface ClientFolder {
	/** How messages call it. */
	readonly name: string;
	/** `client.yaml` */
	readonly client: unknown;
	/** `pack.yaml` */
	readonly pack: unknown;
	/** `packs/<domain>.yaml`; null when the client names no domain. */
	readonly domainPack: unknown;
	/** Documents that could be read, path relative to the folder. */
	readonly documents: readonly FolderDocument[];
	/** Files that are no documents for us, by path; named in a note. */
	readonly ignored?: readonly string[];
}

export interface BranchDefinition {
	readonly key: string;
	readonly name: string;
	readonly address: string | null;
	readonly phoneDisplay: string | null;
	readonly isDefault: boolean;
	readonly knowledgeTag: string | null;
}

export interface StaffDefinition {
	readonly name: string;
	readonly role: 'manager' | 'admin' | 'owner';
	readonly telegramUserId: string;
}

export interface ClientDefinition {
	readonly slug: string;
	readonly name: string;
	readonly company: { readonly name: string; readonly bin: string | null };
	readonly timeZone: string;
	readonly defaultLanguage: ReplyLanguage;
	readonly branches: readonly BranchDefinition[];
	readonly staff: readonly StaffDefinition[];
	readonly prompts: readonly { readonly name: string; readonly body: string }[];
	/** As given, without defaults: a later default reaches old clients too. */
	readonly settings: unknown;
	readonly clientPack: ClientPack;
	readonly domainPack: DomainPack | null;
	readonly documents: readonly DocumentDefinition[];
	/** Chunks left out because another document says the same. */
	readonly repeatedChunks: number;
	readonly secrets: Readonly<Record<string, string>>;
	/** Secrets that are made up when the client has none. */
	readonly generatedSecretNames: readonly string[];
}

export type ParsedDefinition =
	| { readonly ok: true; readonly definition: ClientDefinition }
	| { readonly ok: false; readonly problems: readonly string[] };

interface ClientYaml {
	slug: string;
	name: string;
	company: { name: string; bin?: string };
	time_zone: string;
	default_language: ReplyLanguage;
	branches: {
		key: string;
		name: string;
		address?: string;
		phone?: string;
		is_default?: boolean;
		knowledge_tag?: string;
	}[];
	staff?: { name: string; role: StaffDefinition['role']; telegram_user_id: string | number }[];
	prompts?: Record<string, string>;
	settings?: object;
	documents?: (DocumentMetaYaml & { path: string })[];
}

const TEXT = { type: 'string', minLength: 1 };
const KEY = { type: 'string', pattern: '^[a-z0-9][a-z0-9_-]{1,62}$' };
const closed = (properties: Record<string, unknown>, required: readonly string[]) => ({
	type: 'object',
	additionalProperties: false,
	properties,
	required,
});

const validate = new Ajv({ allErrors: true, verbose: true, allowUnionTypes: true }).compile(
	closed(
		{
			slug: KEY,
			name: TEXT,
			/** Said in demonstration folders; has no effect. */
			fictitious: { type: 'boolean' },
			company: closed({ name: TEXT, bin: { type: 'string', pattern: '^[0-9]{12}$' } }, ['name']),
			time_zone: TEXT,
			default_language: { enum: ['ru', 'kk'] },
			domain: KEY,
			branches: {
				type: 'array',
				minItems: 1,
				items: closed(
					{ key: KEY, name: TEXT, address: TEXT, phone: TEXT, is_default: { type: 'boolean' }, knowledge_tag: KEY },
					['key', 'name'],
				),
			},
			staff: {
				type: 'array',
				items: closed(
					{
						name: TEXT,
						role: { enum: ['manager', 'admin', 'owner'] },
						telegram_user_id: { type: ['string', 'integer'] },
					},
					['name', 'role', 'telegram_user_id'],
				),
			},
			prompts: { type: 'object', additionalProperties: TEXT },
			settings: { type: 'object' },
			documents: {
				type: 'array',
				items: closed({ path: TEXT, ...DOCUMENT_META_SCHEMA.properties }, ['path']),
			},
		},
		['slug', 'name', 'company', 'time_zone', 'default_language', 'branches'],
	),
);

/**
 * Checks a folder together with what the installation adds to it.
 *
 * @param settingsOverrides merged over `settings` of client.yaml, object by object; other values replace
 * @param secrets by name; empty values count as not given
 * @param sha256Hex hash of content
 * @param options how documents are cut
 * @returns the definition, or the problems of all files together
 */
export function parseClientDefinition(
	folder: ClientFolder,
	settingsOverrides: unknown,
	secrets: Readonly<Record<string, string>>,
	sha256Hex: (text: string) => string,
	options: ChunkingOptions = {},
): ParsedDefinition {
	const problems: string[] = [];
	const inFile = (file: string, found: readonly string[]) =>
		problems.push(...found.map((problem) => `${file}: ${problem}`));

	const yaml = folder.client as ClientYaml;
	const clientOk = validate(folder.client);
	if (!clientOk) inFile('client.yaml', describeSchemaProblems(validate.errors, 'client'));
	else inFile('client.yaml', consistencyProblems(yaml));

	const settings = mergeSettings(
		isObject(folder.client) ? (folder.client.settings ?? {}) : {},
		settingsOverrides ?? {},
	);
	const parsedSettings = parseClientSettings(settings);
	if (!parsedSettings.ok) inFile('client.yaml', parsedSettings.problems);

	const pack = parseClientPack(folder.pack);
	if (!pack.ok) inFile('pack.yaml', pack.problems);
	const domainPack = folder.domainPack === null ? null : parseDomainPack(folder.domainPack);
	if (domainPack?.ok === false) inFile('domain pack', domainPack.problems);

	// Of a client.yaml that is wrong itself, nothing is known that documents could be compared with.
	const branches = clientOk ? defineBranches(yaml) : [];
	const documents = defineDocuments(
		clientOk ? folder.documents : folder.documents.map((document) => ({ ...document, frontMatter: null })),
		clientOk ? (yaml.documents ?? []) : [],
		{ timeZone: clientOk ? yaml.time_zone : 'UTC', branches },
		{ ...options, sha256Hex },
	);
	problems.push(...documents.problems);
	const unknown = Object.keys(secrets).filter((name) => !(SECRET_NAMES as readonly string[]).includes(name));
	if (unknown.length > 0) problems.push(`secrets: unknown ${unknown.join(', ')}; known: ${SECRET_NAMES.join(', ')}`);

	if (!clientOk || !parsedSettings.ok || !pack.ok || domainPack?.ok === false || problems.length > 0)
		return { ok: false, problems };
	return {
		ok: true,
		definition: {
			slug: yaml.slug,
			name: yaml.name,
			company: { name: yaml.company.name, bin: yaml.company.bin ?? null },
			timeZone: yaml.time_zone,
			defaultLanguage: yaml.default_language,
			branches,
			staff: (yaml.staff ?? []).map(({ name, role, telegram_user_id }) => ({
				name,
				role,
				telegramUserId: String(telegram_user_id),
			})),
			prompts: Object.entries(yaml.prompts ?? {}).map(([name, body]) => ({ name, body })),
			settings,
			clientPack: pack.pack,
			domainPack: domainPack?.pack ?? null,
			documents: documents.documents,
			repeatedChunks: documents.repeatedChunks,
			secrets: Object.fromEntries(Object.entries(secrets).filter(([, value]) => value !== '')),
			generatedSecretNames: parsedSettings.settings.handover?.telegram
				? ['webhook_secret', 'telegram_webhook_secret']
				: ['webhook_secret'],
		},
	};
}

function consistencyProblems(yaml: ClientYaml): string[] {
	const problems: string[] = [];
	if (!IANAZone.isValidZone(yaml.time_zone))
		problems.push(`client/time_zone: "${yaml.time_zone}" is not an IANA zone such as Asia/Almaty`);
	problems.push(
		...repeated(yaml.branches.map(({ key }) => key)).map((key) => `client/branches: "${key}" is used twice`),
	);
	const staffIds = (yaml.staff ?? []).map(({ telegram_user_id }) => String(telegram_user_id));
	if (repeated(staffIds).length > 0) problems.push('client/staff: a telegram_user_id is used twice');
	const defaults = yaml.branches.filter(({ is_default }, _index, all) => is_default ?? all.length === 1).length;
	if (defaults !== 1)
		problems.push(`client/branches: ${defaults} branches are the default, exactly one must be (is_default: true)`);
	return problems;
}

function repeated(values: readonly string[]): string[] {
	return [...new Set(values.filter((value, index) => values.indexOf(value) !== index))];
}

function defineBranches(yaml: ClientYaml): BranchDefinition[] {
	return yaml.branches.map((branch) => ({
		key: branch.key,
		name: branch.name,
		address: branch.address ?? null,
		phoneDisplay: branch.phone ?? null,
		isDefault: branch.is_default ?? yaml.branches.length === 1,
		knowledgeTag: branch.knowledge_tag ?? null,
	}));
}

function isObject(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Objects are merged key by key, everything else is replaced. */
function mergeSettings(base: unknown, over: unknown): unknown {
	if (!isObject(base) || !isObject(over)) return over;
	const merged: Record<string, unknown> = { ...base };
	for (const [key, value] of Object.entries(over)) merged[key] = key in base ? mergeSettings(base[key], value) : value;
	return merged;
}
