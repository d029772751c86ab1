import type { DeployState, JournalEntry } from '../ports/deploy-store';
import type { WorkflowBody } from '../ports/n8n-api';
import { isJsonObject } from './workflow-file';
import type { SideHashes } from './workflow-hash';

/** The process that deploys; tells whether its lock was left behind. */
export interface DeployedBy {
	readonly host: string;
	readonly pid: number;
}

/** A workflow as it was before a deploy touched it: all that is needed to bring it back. */
export interface SavedState {
	readonly activeVersionId: string | null;
	readonly draft: WorkflowBody;
	/** What was live: the draft, another version, or nothing. */
	readonly active: WorkflowBody | 'draft' | null;
}

export interface WorkflowRecord {
	/** Null until it is created. */
	readonly id: string | null;
	/** Absent: the deploy did not touch it. Null: it did not exist. */
	readonly before?: SavedState | null;
	/** Set when the deploy has succeeded. */
	readonly after?: SideHashes;
}

/** A client's active prompt at the time of a deploy. */
export interface PromptVersion {
	readonly clientId: string;
	readonly name: string;
	readonly version: number;
}

/** One deploy in the journal. Keys of `workflows` stand in the order of publishing. */
export interface DeployRecord {
	readonly format: 1;
	/** Full id of the commit, null outside a git checkout. */
	readonly commit: string | null;
	/** Whether the files differed from that commit. */
	readonly hasLocalChanges: boolean;
	/** Name of the versions it published. */
	readonly release: string;
	/** ISO 8601, UTC. */
	readonly startedAt: string;
	readonly endedAt: string | null;
	readonly by: DeployedBy;
	/** The lock it holds while it runs; absent in records of earlier versions. */
	readonly lockId?: string;
	readonly workflows: Readonly<Record<string, WorkflowRecord>>;
	/** Active prompts before the deploy; absent when the database was not read. */
	readonly prompts?: readonly PromptVersion[];
	/** Why it failed or was rolled back. */
	readonly reason?: string;
}

export interface Deploy {
	readonly deployId: string;
	readonly state: DeployState;
	readonly record: DeployRecord;
}

/** Reads journal entries, newest first. An entry of an unknown format is left out: its deploy is then unknown, not wrong. */
export function readJournal(entries: readonly JournalEntry[]): Deploy[] {
	return entries.flatMap(({ deployId, state, record }) => {
		const parsed = parseRecord(record);
		return parsed === null ? [] : [{ deployId, state, record: parsed }];
	});
}

/** One deploy as a journal entry. */
export function toEntry({ deployId, state, record }: Deploy): JournalEntry {
	return { deployId, state, record: JSON.stringify(record) };
}

/** What the last deploy in effect left, by key; a workflow that no such deploy names has none. */
export function baselineOf(deploys: readonly Deploy[]): ReadonlyMap<string, SideHashes> {
	const baseline = new Map<string, SideHashes>();
	for (const { state, record } of deploys) {
		if (state !== 'done') continue;
		for (const [key, { after }] of Object.entries(record.workflows)) {
			if (after !== undefined && !baseline.has(key)) baseline.set(key, after);
		}
	}
	return baseline;
}

/**
 * What was there before the earliest of these deploys, by key, in the order of publishing of the newest.
 * @param deploys newest first
 */
export function statesBefore(deploys: readonly Deploy[]): ReadonlyMap<string, WorkflowRecord> {
	const states = new Map<string, WorkflowRecord>();
	for (const { record } of deploys) {
		for (const [key, workflow] of Object.entries(record.workflows)) {
			if (workflow.before !== undefined)
				states.set(key, { ...workflow, id: workflow.id ?? states.get(key)?.id ?? null });
		}
	}
	return states;
}

function parseRecord(text: string): DeployRecord | null {
	try {
		const json: unknown = JSON.parse(text);
		return isJsonObject(json) && json.format === 1 && isJsonObject(json.workflows) && isJsonObject(json.by)
			? (json as unknown as DeployRecord)
			: null;
	} catch {
		return null;
	}
}
