/** Compares what a client's folder says with what the database has: pure. */
import { canonicalJson } from './canonical-json';
import type { ClientDefinition } from './client-definition';

/** What the database has of a client; null fields where there is nothing yet. */
export interface CurrentClient {
	readonly id: string;
	readonly name: string;
	readonly timeZone: string;
	readonly defaultLanguage: string;
	readonly configVersion: number;
	readonly company: { readonly name: string; readonly bin: string | null };
	readonly branches: readonly Readonly<Record<string, unknown> & { key: string }>[];
	readonly staff: readonly Readonly<Record<string, unknown> & { telegramUserId: string }>[];
	/** Active ones. */
	readonly prompts: readonly Readonly<Record<string, unknown> & { name: string }>[];
	readonly settings: unknown;
	readonly clientPack: unknown;
	readonly domainPack: unknown;
	readonly documents: readonly {
		readonly path: string;
		readonly contentHash: string;
		readonly chunksHash: string | null;
	}[];
	/** Decrypted. */
	readonly secrets: Readonly<Record<string, string>>;
}

export type ChangeKind =
	| 'company'
	| 'client'
	| 'branch'
	| 'staff'
	| 'prompt'
	| 'settings'
	| 'client_pack'
	| 'domain_pack'
	| 'document'
	| 'secret';

export interface OnboardingChange {
	readonly kind: ChangeKind;
	readonly action: 'create' | 'update' | 'delete' | 'generate';
	/** Key, path or name of what changes; never a value. */
	readonly name: string;
}

export interface OnboardingPlan {
	readonly changes: readonly OnboardingChange[];
	/** What is in the database only and stays there, for people. */
	readonly notes: readonly string[];
}

function compareLists(
	kind: ChangeKind,
	desired: ReadonlyMap<string, unknown>,
	current: ReadonlyMap<string, unknown>,
): OnboardingChange[] {
	const changes: OnboardingChange[] = [];
	for (const [name, value] of desired) {
		if (!current.has(name)) changes.push({ kind, action: 'create', name });
		else if (canonicalJson(current.get(name)) !== canonicalJson(value)) changes.push({ kind, action: 'update', name });
	}
	return changes;
}

function mapBy<T>(items: readonly T[], key: (item: T) => string): Map<string, T> {
	return new Map(items.map((item) => [key(item), item]));
}

/**
 * Lists what must change, in the order in which it must be written.
 *
 * Documents that left the folder are deleted (they would go on answering customers). Branches, staff, prompts and
 * secrets that left it stay, because conversations refer to them or somebody entered them elsewhere; a note says so.
 */
export function planOnboarding(definition: ClientDefinition, current: CurrentClient | null): OnboardingPlan {
	const { slug } = definition;
	const changes: OnboardingChange[] = [];
	const single = (kind: ChangeKind, desired: unknown, existing: unknown) => {
		if (current === null || existing === null) {
			if (desired !== null) changes.push({ kind, action: 'create', name: slug });
		} else if (canonicalJson(desired) !== canonicalJson(existing)) {
			changes.push({ kind, action: 'update', name: slug });
		}
	};
	const clientOf = (from: { name: string; timeZone: string; defaultLanguage: string }) => [
		from.name,
		from.timeZone,
		from.defaultLanguage,
	];
	single('company', definition.company, current?.company ?? null);
	single('client', clientOf(definition), current && clientOf(current));

	const branches = mapBy(definition.branches, ({ key }) => key);
	const staff = mapBy(definition.staff, ({ telegramUserId }) => telegramUserId);
	const prompts = mapBy(definition.prompts, ({ name }) => name);
	const currentBranches = mapBy(current?.branches ?? [], ({ key }) => key);
	const currentStaff = mapBy(current?.staff ?? [], ({ telegramUserId }) => telegramUserId);
	const currentPrompts = mapBy(current?.prompts ?? [], ({ name }) => name);
	changes.push(...compareLists('branch', branches, currentBranches));
	// A Telegram id is personal data: the change is called by the person's role, not by the id.
	const staffChanges = compareLists('staff', staff, currentStaff);
	changes.push(...staffChanges.map((change) => ({ ...change, name: staff.get(change.name)?.role ?? 'staff' })));
	changes.push(...compareLists('prompt', prompts, currentPrompts));

	single('settings', definition.settings, current?.settings ?? null);
	single('client_pack', definition.clientPack, current?.clientPack ?? null);
	single('domain_pack', definition.domainPack, current?.domainPack ?? null);

	const hashes = ({ contentHash, chunksHash }: { contentHash: string; chunksHash: string | null }) => [
		contentHash,
		chunksHash,
	];
	const documents = new Map(definition.documents.map((document) => [document.path, hashes(document)]));
	const currentDocuments = new Map((current?.documents ?? []).map((document) => [document.path, hashes(document)]));
	changes.push(...compareLists('document', documents, currentDocuments));
	for (const path of currentDocuments.keys())
		if (!documents.has(path)) changes.push({ kind: 'document', action: 'delete', name: path });

	const secrets = new Map(Object.entries(current?.secrets ?? {}));
	changes.push(...compareLists('secret', new Map(Object.entries(definition.secrets)), secrets));
	for (const name of definition.generatedSecretNames) {
		if (!(name in definition.secrets) && !secrets.has(name)) changes.push({ kind: 'secret', action: 'generate', name });
	}

	const leftOver = (kind: string, desired: ReadonlyMap<string, unknown>, existing: ReadonlyMap<string, unknown>) =>
		[...existing.keys()]
			.filter((name) => !desired.has(name))
			.map((name) => `${kind} ${name} is not in the folder and stays`);
	return {
		changes,
		notes: [...leftOver('branch', branches, currentBranches), ...leftOver('prompt', prompts, currentPrompts)],
	};
}
