import { TrufflesError } from '../errors';
import type { DeployStore } from '../ports/deploy-store';
import { readJournal, type DeployedBy } from './deploy-record';
import type { WorkflowProblem } from './workflow-file';

const MINUTE_MS = 60_000;
/** A lock of this age was left by a deploy that died. */
const LEASE_MS = 5 * MINUTE_MS;
/** After this long a deploy starts nothing more, so that bringing the previous versions back fits into the lease. */
const FORWARD_MS = 3 * MINUTE_MS;
/** After this long it does not even bring back: the lock may soon be somebody else's. */
const LAST_WRITE_MS = 4.5 * MINUTE_MS;
/** Each lost race gives a fresh look at the lock. */
const ATTEMPTS = 3;

export interface LeaseOptions {
	readonly store: DeployStore;
	/** Whether a process is known to be gone: it ran on this machine and does not run any more. */
	readonly isGone: (by: DeployedBy) => boolean;
	/** Milliseconds of a clock that only goes forward. */
	readonly monotonicMs: () => number;
	readonly onProgress: (line: string) => void;
	/** Break a lock whatever its age; for a person who knows that its owner is dead. */
	readonly takeOver: boolean;
}

/** The right to write to one environment, for a limited time. */
export interface Lease {
	/** Of the lock, for the journal: so a lock that was left behind leads to its process. */
	readonly id: string;
	/** @throws TRF_DEPLOY_LOCK_LOST when too little of the lease is left to start something */
	assertForward(): void;
	/** @throws TRF_DEPLOY_LOCK_LOST when too little of the lease is left to bring something back */
	assertBackward(): void;
	release(): Promise<void>;
}

export type TakenLease =
	{ readonly ok: true; readonly lease: Lease } | { readonly ok: false; readonly problem: WorkflowProblem };

/**
 * Takes the environment's lock. A lock of a process that is known to be gone, or older than five minutes, is taken over
 * with a message; any other one means that somebody deploys right now.
 */
export async function takeLease(options: LeaseOptions): Promise<TakenLease> {
	const { store, monotonicMs, onProgress } = options;
	for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
		// Before the call, so that our own count of the lease ends before the server's.
		const startedMs = monotonicMs();
		const id = await store.takeLock();
		if (id !== null) return { ok: true, lease: makeLease(store, id, startedMs, monotonicMs) };
		const held = await store.findLock();
		if (held === null) continue;
		const owner = await lockOwner(store, held.id);
		const reason = breakReason(held.ageMs, owner?.by ?? null, options);
		if (reason === null) return { ok: false, problem: lockedProblem(held.ageMs, owner) };
		onProgress(
			`taking over the lock of ${owner === null ? 'an earlier command' : `deploy ${owner.deployId}`}: ${reason}`,
		);
		await store.dropLock(held.id);
	}
	return { ok: false, problem: lockedProblem(0, null) };
}

interface Owner {
	readonly deployId: string;
	readonly by: DeployedBy;
}

/**
 * Null for a lock that no deploy has noted: of a rollback, or of a deploy that has not begun to write. An earlier deploy
 * that was killed may still be `running` in the journal then; that its process is gone says nothing about this lock.
 */
async function lockOwner(store: DeployStore, lockId: string): Promise<Owner | null> {
	const recent = readJournal(await store.listRecent());
	const running = recent.find(({ state, record }) => state === 'running' && record.lockId === lockId);
	return running === undefined ? null : { deployId: running.deployId, by: running.record.by };
}

function breakReason(ageMs: number, by: DeployedBy | null, { isGone, takeOver }: LeaseOptions): string | null {
	if (by !== null && isGone(by)) return `its process ${by.pid} on this machine is gone`;
	if (ageMs > LEASE_MS) return `it is ${Math.round(ageMs / MINUTE_MS)} minutes old`;
	return takeOver ? '--take-over' : null;
}

function lockedProblem(ageMs: number, owner: Owner | null): WorkflowProblem {
	const who = owner === null ? '' : ` (${owner.deployId}, process ${owner.by.pid} on ${owner.by.host})`;
	return {
		code: 'locked',
		key: null,
		message: `another deploy has this environment for ${Math.round(ageMs / 1000)} s${who}. Wait for it; a lock left behind is taken over after ${LEASE_MS / MINUTE_MS} minutes, or at once with --take-over`,
	};
}

function makeLease(store: DeployStore, id: string, startedMs: number, monotonicMs: () => number): Lease {
	const assertWithin = (limitMs: number): void => {
		const heldMs = monotonicMs() - startedMs;
		if (heldMs > limitMs) throw new TrufflesError('TRF_DEPLOY_LOCK_LOST', { seconds: Math.round(heldMs / 1000) });
	};
	return {
		id,
		assertForward: () => assertWithin(FORWARD_MS),
		assertBackward: () => assertWithin(LAST_WRITE_MS),
		release: () => store.dropLock(id),
	};
}
