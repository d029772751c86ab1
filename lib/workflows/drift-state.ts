import type { SideHashes } from './workflow-hash';

/**
 * How a file and its live workflow stand to each other since the last deploy:
 * `in-sync`: saved and live as in the file. `pending`: the file moved. `drifted`: n8n's copy moved.
 * `conflict`: both moved. `unknown`: they differ and no deploy is on record, so nobody can tell who moved.
 */
export type DriftState = 'in-sync' | 'pending' | 'drifted' | 'conflict' | 'unknown';

/**
 * @param isInSync what a comparison of the contents says; equal contents need no record
 * @param now      hashes of both sides; `liveHash` null when the workflow is not there
 * @param baseline hashes right after the last deploy, null when none is on record
 */
export function driftState(
	isInSync: boolean,
	now: { readonly fileHash: string; readonly liveHash: string | null },
	baseline: SideHashes | null,
): DriftState {
	if (isInSync) return 'in-sync';
	if (baseline === null) return now.liveHash === null ? 'pending' : 'unknown';
	const fileMoved = now.fileHash !== baseline.fileHash;
	const liveMoved = now.liveHash !== baseline.liveHash;
	if (liveMoved) return fileMoved ? 'conflict' : 'drifted';
	return 'pending';
}
