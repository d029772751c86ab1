import type { LiveWorkflow } from '../ports/n8n-api';
import type { WorkflowProblem } from './workflow-file';

/** Which live workflow belongs to which key, and every reason why that cannot be told. */
export interface LiveIdentity {
	readonly byKey: ReadonlyMap<string, LiveWorkflow>;
	readonly problems: readonly WorkflowProblem[];
}

/**
 * Finds each key's live workflow: by the id in the environment's lock file, else by its unique name.
 *
 * An id that is gone or in the bin does not count. A locked id whose live name differs (somebody renamed it) and two
 * workflows of one name are not guessed about.
 *
 * @param lockedIds key -> id, from the lock file
 */
export function identifyWorkflows(
	keys: readonly string[],
	liveWorkflows: readonly LiveWorkflow[],
	lockedIds: ReadonlyMap<string, string>,
): LiveIdentity {
	const byKey = new Map<string, LiveWorkflow>();
	const problems: WorkflowProblem[] = [];
	// An archived workflow is in the bin: it neither runs nor can be saved.
	const present = liveWorkflows.filter((workflow) => !workflow.isArchived);
	for (const key of keys) {
		const locked = present.find((workflow) => workflow.id === lockedIds.get(key));
		if (locked !== undefined) {
			if (locked.name === key) byKey.set(key, locked);
			else
				problems.push({
					code: 'lock-name-differs',
					key,
					message: `the workflow ${locked.id}, which the lock file names, is called "${locked.name}" in n8n; rename it back or remove the entry from the lock file`,
				});
			continue;
		}
		const candidates = present.filter((workflow) => workflow.name === key);
		const [only] = candidates;
		if (candidates.length > 1) {
			const ids = candidates.map((workflow) => workflow.id).join(', ');
			problems.push({
				code: 'name-ambiguous',
				key,
				message: `${candidates.length} workflows in n8n have this name (${ids}); rename or archive the wrong ones`,
			});
		} else if (only !== undefined) byKey.set(key, only);
	}
	return { byKey, problems };
}
