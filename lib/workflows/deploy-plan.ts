import type { LiveCredential, LiveWorkflow } from '../ports/n8n-api';
import { compareWorkflows, type WorkflowChange } from './compare-workflows';
import { matchCredential, unlistedCredentials, type NeededCredential } from './credential-inventory';
import { publishOrder } from './publish-order';
import { collectWorkflowReferences, resolveReferences, unreadableCalls, type ReferenceResolver } from './references';
import type { WorkflowFile, WorkflowProblem } from './workflow-file';
import { buildWriteBody } from './write-body';

/**
 * `create`: absent; `update`: the saved copy differs; `publish`: saved as wanted, but something else or nothing is
 * live; `unchanged`: saved and live as wanted.
 */
export type PlanAction = 'create' | 'update' | 'publish' | 'unchanged';

export interface PlanStep {
	readonly file: WorkflowFile;
	readonly action: PlanAction;
	/** The live workflow of this name, or null before it is created. */
	readonly live: LiveWorkflow | null;
	readonly changes: readonly WorkflowChange[];
}

export interface DeployPlan {
	/** In the order of saving and publishing: what is called comes first. Empty when the order cannot be told. */
	readonly steps: readonly PlanStep[];
	/** Every reason not to start. Nothing may be written while there is one. */
	readonly problems: readonly WorkflowProblem[];
}

interface PlanInput {
	readonly files: readonly WorkflowFile[];
	readonly inventory: readonly NeededCredential[];
	readonly liveWorkflows: readonly LiveWorkflow[];
	readonly liveCredentials: readonly LiveCredential[];
	/** Names of missing credentials that the apply creates first; they do not block. */
	readonly willCreate?: ReadonlySet<string>;
}

/** Compares files with what n8n holds. Pure: given the same data, the same plan. */
export function buildPlan(input: PlanInput): DeployPlan {
	const { files, liveWorkflows } = input;
	const problems = [...fileProblems(files), ...unlistedCredentials(files, input.inventory), ...credentialProblems(input)];
	const liveByKey = new Map<string, LiveWorkflow>();
	for (const { key } of files) {
		// An archived workflow is in the bin: it neither runs nor can be saved.
		const candidates = liveWorkflows.filter((workflow) => workflow.name === key && !workflow.isArchived);
		const [only] = candidates;
		if (candidates.length > 1) {
			const ids = candidates.map((workflow) => workflow.id).join(', ');
			problems.push({ code: 'name-ambiguous', key, message: `${candidates.length} workflows in n8n have this name (${ids}); rename or archive the wrong ones` });
		} else if (only !== undefined) liveByKey.set(key, only);
	}
	const order = publishOrder(files);
	if (order.kind === 'cycle') {
		problems.push({ code: 'reference-cycle', key: null, message: `these workflows call each other in a circle: ${order.keys.join(', ')}` });
		return { steps: [], problems };
	}
	const resolver = planResolver(liveByKey, input.liveCredentials);
	const steps = order.keys.flatMap((key) => {
		const file = files.find((candidate) => candidate.key === key);
		return file === undefined ? [] : [planStep(file, liveByKey.get(key) ?? null, resolver)];
	});
	return { steps, problems };
}

function planStep(file: WorkflowFile, live: LiveWorkflow | null, resolver: ReferenceResolver): PlanStep {
	if (live === null) return { file, action: 'create', live, changes: [] };
	const changes = compareWorkflows(live.body, buildWriteBody(resolveReferences(file.json, resolver)));
	if (changes.length > 0) return { file, action: 'update', live, changes };
	return { file, action: live.activeVersionId === live.versionId ? 'unchanged' : 'publish', live, changes };
}

/** Ids where there are some; otherwise a text that is no id, so that the caller shows as changed. */
function planResolver(liveByKey: ReadonlyMap<string, LiveWorkflow>, liveCredentials: readonly LiveCredential[]): ReferenceResolver {
	return {
		workflowId: (key) => liveByKey.get(key)?.id ?? `(new: ${key})`,
		credentialId: (type, name) => {
			const match = matchCredential(type, name, liveCredentials);
			return match.kind === 'found' ? match.id : `(new: ${name})`;
		},
	};
}

function fileProblems(files: readonly WorkflowFile[]): WorkflowProblem[] {
	const keys = new Set(files.map((file) => file.key));
	return files.flatMap(({ key, json }) => [
		...unreadableCalls(json).map((nodeName) => ({
			code: 'reference-unreadable',
			key,
			message: `"${nodeName}" names no workflow: parameters.workflowId must be a resource locator with a key`,
		})),
		...collectWorkflowReferences(json)
			.filter((reference) => !keys.has(reference.key))
			.map((reference) => ({
				code: 'reference-unknown',
				key,
				message: `${reference.nodeName === null ? 'settings.errorWorkflow' : `"${reference.nodeName}"`} names ${reference.key}, and there is no such file`,
			})),
	]);
}

function credentialProblems({ inventory, liveCredentials, willCreate }: PlanInput): WorkflowProblem[] {
	return inventory.flatMap(({ name, type, purpose }) => {
		const match = matchCredential(type, name, liveCredentials);
		if (match.kind === 'found' || (match.kind === 'missing' && willCreate?.has(name) === true)) return [];
		const message =
			match.kind === 'missing'
				? `n8n has no credential "${name}" (${type}): ${purpose} Create it in n8n under exactly this name`
				: `${match.count} credentials in n8n are named "${name}" (${type}); rename the wrong ones`;
		return [{ code: `credential-${match.kind}`, key: null, message }];
	});
}
