/**
 * What deploys of one environment share, whichever machine they run on: the lock and the journal.
 * The adapter keeps both in the n8n that is deployed to (`lib/adapters/n8n-deploy-store.ts`).
 */

/** How far a deploy got. Only `done` is in effect; `undone` was rolled back later, `superseded` was finished by another. */
export type DeployState = 'running' | 'done' | 'failed' | 'undone' | 'superseded';

export interface JournalEntry {
	/** Unique: `20261121T084419Z-7f3a91c-3f9a`. */
	readonly deployId: string;
	readonly state: DeployState;
	/** JSON text; `lib/workflows/deploy-record.ts` knows its shape. */
	readonly record: string;
}

export interface HeldLock {
	readonly id: string;
	/** Age by the clock of n8n's machine. */
	readonly ageMs: number;
}

export interface DeployStoreReader {
	/** All entries, newest first, in the order in which they were added; empty when nothing was ever deployed. */
	listEntries(): Promise<JournalEntry[]>;
	/** The same, ending with the newest that is `done`: what a plan needs. Entries hold whole workflows. */
	listRecent(): Promise<JournalEntry[]>;
	findLock(): Promise<HeldLock | null>;
}

export interface DeployStore extends DeployStoreReader {
	/** Takes the lock in one atomic step. Null when somebody has it. */
	takeLock(): Promise<string | null>;
	/** Gives a lock back, or breaks exactly this one; one that is gone already is no error. */
	dropLock(id: string): Promise<void>;
	addEntry(entry: JournalEntry): Promise<void>;
	changeEntry(entry: JournalEntry): Promise<void>;
	/** Forgets all but about this many of the newest entries. */
	forgetOld(keptEntries: number): Promise<void>;
}
