/**
 * The form of a workflow that means the same in every n8n: keys of workflows and names of credentials in place of ids.
 * It is what files hold, what differences are shown in, and what hashes are made of.
 */
import type { LiveCredential, LiveWorkflow, WorkflowBody } from '../ports/n8n-api';
import { isJsonObject } from './workflow-file';

const EXECUTE_WORKFLOW = 'n8n-nodes-base.executeWorkflow';

/** Names of this environment's ids. An id without a name stays as it is, and so shows as a difference. */
export interface PortableNames {
	workflowKey(id: string): string | null;
	/** The name that files use, which `credentials` of the environment may bind to another one. */
	credentialName(type: string, id: string): string | null;
}

/** Names from what n8n lists. `bindings`: name in the files -> name in this environment. */
export function portableNames(
	keysById: ReadonlyMap<string, string>,
	credentials: readonly LiveCredential[],
	bindings: ReadonlyMap<string, string>,
): PortableNames {
	const fileNames = new Map([...bindings].map(([inFiles, here]) => [here, inFiles]));
	return {
		workflowKey: (id) => keysById.get(id) ?? null,
		credentialName(type, id) {
			const found = credentials.find((credential) => credential.id === id && credential.type === type);
			return found === undefined ? null : (fileNames.get(found.name) ?? found.name);
		},
	};
}

/** The same body with keys and names at the typed paths; nothing else is touched. */
export function toPortable(body: WorkflowBody, names: PortableNames): WorkflowBody {
	const errorWorkflow = body.settings.errorWorkflow;
	return {
		...body,
		nodes: body.nodes.map((node) => portableNode(node, names)),
		settings:
			typeof errorWorkflow === 'string' && errorWorkflow !== ''
				? { ...body.settings, errorWorkflow: names.workflowKey(errorWorkflow) ?? errorWorkflow }
				: body.settings,
	};
}

/** Ids of the workflows that a live body calls or names as its error workflow. */
export function calledIds(body: WorkflowBody): string[] {
	const called = body.nodes.flatMap((node) => {
		const target = callTarget(node);
		return target !== null && typeof target.value === 'string' ? [target.value] : [];
	});
	const errorWorkflow = body.settings.errorWorkflow;
	return typeof errorWorkflow === 'string' && errorWorkflow !== '' ? [...called, errorWorkflow] : called;
}

/** Names of the live workflows whose published version uses this one. */
export function liveCallers(id: string, workflows: readonly LiveWorkflow[]): string[] {
	return workflows
		.filter((other) => other.id !== id && !other.isArchived && other.activeBody !== null)
		.filter((other) => calledIds(other.activeBody ?? other.body).includes(id))
		.map((other) => other.name);
}

function callTarget(node: Readonly<Record<string, unknown>>): Record<string, unknown> | null {
	if (node.type !== EXECUTE_WORKFLOW || !isJsonObject(node.parameters)) return null;
	return isJsonObject(node.parameters.workflowId) ? node.parameters.workflowId : null;
}

function portableNode(node: Readonly<Record<string, unknown>>, names: PortableNames): Record<string, unknown> {
	const target = callTarget(node);
	const key = target !== null && typeof target.value === 'string' ? names.workflowKey(target.value) : null;
	return {
		...node,
		...(key === null ? {} : { parameters: { ...(node.parameters as object), workflowId: { ...target, value: key } } }),
		...(isJsonObject(node.credentials) ? { credentials: portableCredentials(node.credentials, names) } : {}),
	};
}

function portableCredentials(credentials: Record<string, unknown>, names: PortableNames): Record<string, unknown> {
	return Object.fromEntries(
		Object.entries(credentials).map(([type, entry]) => {
			if (!isJsonObject(entry) || typeof entry.id !== 'string') return [type, entry];
			const name = names.credentialName(type, entry.id);
			const { id: _id, ...rest } = entry;
			return [type, name === null ? entry : { ...rest, name }];
		}),
	);
}
