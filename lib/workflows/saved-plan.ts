import type { DeployPlan } from './deploy-plan';
import { isJsonObject, type WorkflowProblem } from './workflow-file';

/** A plan that somebody has read and approved: hashes of both sides, so that it can be refused when either moved. */
export interface SavedPlan {
	readonly format: 1;
	readonly env: string;
	readonly url: string;
	readonly commit: string | null;
	/** ISO 8601, UTC. */
	readonly madeAt: string;
	/** Keys whose edits in n8n this plan writes over. */
	readonly overwrite: readonly string[];
	/** `liveHash` null: the workflow was not there. */
	readonly workflows: Readonly<
		Record<string, { readonly action: string; readonly fileHash: string; readonly liveHash: string | null }>
	>;
}

/** Writes down a plan without problems. */
export function savePlan(
	plan: DeployPlan,
	head: Pick<SavedPlan, 'env' | 'url' | 'commit' | 'madeAt' | 'overwrite'>,
): SavedPlan {
	return {
		format: 1,
		...head,
		workflows: Object.fromEntries(
			plan.steps.map(({ file, action, fileHash, liveHash }) => [file.key, { action, fileHash, liveHash }]),
		),
	};
}

/** Reads a saved plan; null for any other text. */
export function parseSavedPlan(text: string): SavedPlan | null {
	try {
		const json: unknown = JSON.parse(text);
		const isPlan =
			isJsonObject(json) &&
			json.format === 1 &&
			typeof json.env === 'string' &&
			typeof json.url === 'string' &&
			Array.isArray(json.overwrite) &&
			isJsonObject(json.workflows) &&
			Object.values(json.workflows).every((entry) => isJsonObject(entry) && typeof entry.fileHash === 'string');
		return isPlan ? (json as unknown as SavedPlan) : null;
	} catch {
		return null;
	}
}

/** What moved since the plan was saved; empty when it can be carried out as it was approved. */
export function stalePlan(
	saved: SavedPlan,
	now: DeployPlan,
	target: { readonly env: string; readonly url: string },
): WorkflowProblem[] {
	const problems: WorkflowProblem[] = [];
	const report = (key: string | null, message: string): void =>
		void problems.push({ code: 'plan-stale', key, message });
	if (saved.env !== target.env || saved.url !== target.url)
		report(null, `the plan is for ${saved.env} at another address`);
	const keys = new Set(now.steps.map((step) => step.file.key));
	for (const key of Object.keys(saved.workflows))
		if (!keys.has(key)) report(key, 'its file is gone since the plan was saved');
	for (const { file, action, fileHash, liveHash } of now.steps) {
		const then = saved.workflows[file.key];
		if (then === undefined) report(file.key, 'its file is new since the plan was saved');
		else if (then.fileHash !== fileHash) report(file.key, 'its file moved since the plan was saved');
		else if (then.liveHash !== liveHash) report(file.key, "n8n's copy moved since the plan was saved");
		// A credential or a called workflow was replaced: other ids would be written.
		else if (then.action !== action) report(file.key, 'something it refers to moved since the plan was saved');
	}
	return problems;
}
