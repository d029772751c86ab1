import type { DeployStoreReader } from '../ports/deploy-store';
import type { LiveCredential, LiveWorkflow, N8nReader } from '../ports/n8n-api';
import type { NeededCredential } from './credential-inventory';
import { buildPlan, type DeployPlan } from './deploy-plan';
import { baselineOf, readJournal, statesBefore, type Deploy } from './deploy-record';
import type { CredentialData } from './save-and-publish';
import type { WorkflowFile } from './workflow-file';
import type { Sha256 } from './workflow-hash';

/** What is to be where; everything a plan needs besides the instance. */
export interface DeploySource {
	readonly files: readonly WorkflowFile[];
	readonly inventory: readonly NeededCredential[];
	/** Data of credentials that may be created when they are missing; existing ones are left alone. */
	readonly credentials?: CredentialData;
	readonly bindings?: ReadonlyMap<string, string>;
	readonly lockedIds?: ReadonlyMap<string, string>;
	readonly overwrite?: ReadonlySet<string> | 'all';
	readonly n8nVersion?: string | null;
	readonly sha256: Sha256;
}

/** One look at an environment. */
export interface DeployView {
	readonly plan: DeployPlan;
	readonly liveWorkflows: readonly LiveWorkflow[];
	readonly liveCredentials: readonly LiveCredential[];
	/** Newest first, back to the last one in effect. */
	readonly deploys: readonly Deploy[];
	/** Deploys that were killed in the middle; normally none. */
	readonly interrupted: readonly Deploy[];
}

/**
 * Reads an environment and plans. Takes readers: it cannot write. What an interrupted deploy has touched is ours and is
 * no edit of a person. Throws TRF_N8N_REFUSED and TRF_N8N_UNREACHABLE.
 */
export async function viewDeploy(
	reader: N8nReader,
	store: DeployStoreReader,
	source: DeploySource,
): Promise<DeployView> {
	const [liveWorkflows, liveCredentials, entries] = await Promise.all([
		reader.listWorkflows(),
		reader.listCredentials(),
		store.listRecent(),
	]);
	const deploys = readJournal(entries);
	const interrupted = deploys.filter(({ state }) => state === 'running');
	const asked = source.overwrite ?? new Set<string>();
	const plan = buildPlan({
		files: source.files,
		inventory: source.inventory,
		liveWorkflows,
		liveCredentials,
		willCreate: new Set(Object.keys(source.credentials ?? {})),
		bindings: source.bindings ?? new Map(),
		lockedIds: source.lockedIds ?? new Map(),
		baseline: baselineOf(deploys),
		overwrite: asked === 'all' ? 'all' : new Set([...asked, ...statesBefore(interrupted).keys()]),
		n8nVersion: source.n8nVersion ?? null,
		sha256: source.sha256,
	});
	return { plan, liveWorkflows, liveCredentials, deploys, interrupted };
}
