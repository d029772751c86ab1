/**
 * What the deployer needs from n8n's public API. The adapter is `lib/adapters/n8n-api.ts`.
 *
 * Reading and writing are two interfaces, so that planning cannot write by construction.
 * Every method throws TRF_N8N_REFUSED (n8n said no) or TRF_N8N_UNREACHABLE (we do not know whether it happened).
 */

/** A workflow as n8n holds it: the saved draft (`versionId`) and what is live (`activeVersionId`). */
export interface LiveWorkflow {
	readonly id: string;
	readonly name: string;
	readonly versionId: string;
	/** The published version, or null when nothing of it is live. */
	readonly activeVersionId: string | null;
	readonly isArchived: boolean;
	/** ISO 8601, UTC; moved by n8n on every write. */
	readonly updatedAt: string;
	/** Nodes, connections and settings of the draft, as n8n sent them. */
	readonly body: WorkflowBody;
	/**
	 * What is live: the published nodes and connections with the settings, which n8n keeps once per workflow and applies
	 * at once. The same object as `body` when the draft is live, null when nothing is.
	 */
	readonly activeBody: WorkflowBody | null;
}

/** The part of a workflow that we own and that n8n accepts on a write. */
export interface WorkflowBody {
	readonly name: string;
	readonly nodes: readonly Readonly<Record<string, unknown>>[];
	readonly connections: Readonly<Record<string, unknown>>;
	readonly settings: Readonly<Record<string, unknown>>;
	readonly nodeGroups?: readonly unknown[];
}

export interface LiveCredential {
	readonly id: string;
	readonly name: string;
	readonly type: string;
}

export interface NewCredential {
	readonly name: string;
	readonly type: string;
	readonly data: Readonly<Record<string, unknown>>;
}

export interface N8nReader {
	/** All workflows of all pages, archived ones included. */
	listWorkflows(): Promise<LiveWorkflow[]>;
	/** Those of exactly this name: asked right before a create, because the pages of a list shift while others write. */
	findWorkflows(name: string): Promise<LiveWorkflow[]>;
	/** Null only on 404; every other failure is thrown, so that a broken read never looks like absence. */
	getWorkflow(id: string): Promise<LiveWorkflow | null>;
	/** All credentials of all pages; n8n never returns their secrets. */
	listCredentials(): Promise<LiveCredential[]>;
	/** Version of n8n, for example `2.40.5`; null when the instance does not tell. */
	n8nVersion(): Promise<string | null>;
	/** Version of a community package that n8n itself has installed; null when n8n does not list it. */
	installedPackage(name: string): Promise<string | null>;
}

export interface N8nWriter {
	createWorkflow(body: WorkflowBody): Promise<LiveWorkflow>;
	/** Saves a draft; nodes and connections that are live stay live until `publishWorkflow`. Settings count at once. */
	updateWorkflow(id: string, body: WorkflowBody): Promise<LiveWorkflow>;
	/** Puts one version live; also the way back to an earlier one. `name` and `description` are shown in the version history. */
	publishWorkflow(id: string, version: { versionId: string; name: string; description: string }): Promise<LiveWorkflow>;
	/** Takes a workflow out of production; its draft stays. */
	unpublishWorkflow(id: string): Promise<void>;
	/** Moves an unpublished workflow into the bin, from which the editor can take it back. */
	archiveWorkflow(id: string): Promise<void>;
	createCredential(credential: NewCredential): Promise<LiveCredential>;
	/** Replaces the secret part of a credential. */
	updateCredential(id: string, data: Readonly<Record<string, unknown>>): Promise<void>;
}

export interface N8nApi extends N8nReader, N8nWriter {}
