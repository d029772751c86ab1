import type { WorkflowNode } from '../workflow-file';
import { trufflesType } from './node-kinds';

/** Where failures end: behind these stands only the error workflow, or n8n's retry. */
export function endsFailures(node: WorkflowNode): boolean {
	const type = trufflesType(node);
	return (
		(type === 'trufflesConversation' && node.parameters.operation === 'failTurn') ||
		(type === 'trufflesErrorLog' && node.retryOnFail === true)
	);
}
