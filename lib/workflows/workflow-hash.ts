import type { LiveWorkflow } from '../ports/n8n-api';
import { canonicalJson } from './canonical-json';
import { normalText } from './normal-body';
import type { WorkflowFile } from './workflow-file';
import { buildWriteBody } from './write-body';

export type Sha256 = (text: string) => string;

/** Both sides of one workflow at one moment. */
export interface SideHashes {
	readonly fileHash: string;
	readonly liveHash: string;
}

/** Hash of what a file means; formatting and keys that are never written do not count. */
export function hashFile(file: WorkflowFile, sha256: Sha256): string {
	return sha256(normalText(buildWriteBody(file.json, null), Object.keys(file.json.settings)));
}

/**
 * Hash of what n8n holds, with its ids: draft, and what is live of it. Version ids do not count, so that a workflow
 * brought back to earlier contents has its earlier hash.
 *
 * @param ownSettings settings that the file names beyond those we know
 */
export function hashLive(live: LiveWorkflow, ownSettings: readonly string[], sha256: Sha256): string {
	const draft = normalText(live.body, ownSettings);
	const active = live.activeBody === null ? null : normalText(live.activeBody, ownSettings);
	// Published, and n8n does not say what: its version has to stand for it.
	const unknownActive = active === null ? live.activeVersionId : null;
	return sha256(canonicalJson({ id: live.id, draft, active: active === draft ? 'draft' : active, unknownActive }));
}
