import { calledWorkflow } from '../references';
import type { WorkflowFile, WorkflowNode } from '../workflow-file';
import { trufflesType } from './node-kinds';

/** One Execute Workflow node and the workflow it names. */
export interface Call {
	readonly from: WorkflowFile;
	readonly node: WorkflowNode;
	readonly to: string;
}

/** Every call between workflows; error workflows are not calls. */
export function callsBetween(files: readonly WorkflowFile[]): Call[] {
	return files.flatMap((from) =>
		from.json.nodes.flatMap((node) => {
			const to = calledWorkflow(node);
			return to === null ? [] : [{ from, node, to }];
		}),
	);
}

/** Message in, reply out: the numbers that the design gives to the hot path. */
const HOT_NUMBERS: ReadonlySet<number> = new Set([1, 2, 3, 5, 6, 7, 8]);
const INTAKE_TYPES: ReadonlySet<string | null> = new Set(['trufflesGatewayTrigger', 'trufflesInboxTrigger']);

/**
 * The workflows between a customer's message and its reply: those with a number of the design's hot path, those that
 * start with our gateway or inbox trigger, and all that these call, directly or not. So a new channel adapter belongs to
 * it from the moment it is called, and a renumbered workflow does not slip out.
 */
export function hotPathKeys(files: readonly WorkflowFile[]): ReadonlySet<string> {
	const hot = new Set(
		files
			.filter(
				({ key, json }) =>
					HOT_NUMBERS.has(Number.parseInt(key, 10)) || json.nodes.some((node) => INTAKE_TYPES.has(trufflesType(node))),
			)
			.map((file) => file.key),
	);
	const calls = callsBetween(files);
	// A set may grow while it is walked; what is added is walked too.
	for (const key of hot) for (const call of calls) if (call.from.key === key) hot.add(call.to);
	return hot;
}
