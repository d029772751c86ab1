import { type IDataObject, type INode, NodeOperationError } from 'n8n-workflow';

import { formatError, TrufflesError, type ErrorCode } from '../../lib/errors';

/** Code and message of a failure, as they stand in an error item and in `error_logs`. */
export interface FailureText {
	readonly code: ErrorCode;
	readonly message: string;
}

/**
 * The safe text of anything that was thrown.
 *
 * Only texts of our catalogue and of n8n's own node errors are shown. Another library's message can hold an
 * address with a token or a customer's words, so of those only the kind and code are named.
 */
export function describeFailure(error: unknown): FailureText {
	if (error instanceof TrufflesError) return { code: error.code, message: error.message };
	if (error instanceof NodeOperationError) {
		const code = error.context['code'];
		return { code: typeof code === 'string' ? (code as ErrorCode) : 'TRF_NODE_FAILED', message: error.message };
	}
	return { code: 'TRF_NODE_FAILED', message: formatError('TRF_NODE_FAILED', { problem: kindOf(error) }) };
}

/** The same failure as the error class n8n shows beside the node, with our code in its description and context. */
export function toNodeError(node: INode, error: unknown, itemIndex: number): NodeOperationError {
	if (error instanceof NodeOperationError) return error;
	const { code, message } = describeFailure(error);
	const nodeError = new NodeOperationError(node, message, { itemIndex, description: code });
	nodeError.context['code'] = code;
	return nodeError;
}

/** What an item becomes when its node continues on fail. n8n adds the input's own fields on an error output. */
export function errorJson(error: unknown): IDataObject {
	const { code, message } = describeFailure(error);
	return { error: { code, message } };
}

function kindOf(error: unknown): string {
	if (!(error instanceof Error)) return 'an unknown value was thrown';
	const code = (error as { code?: unknown }).code;
	return typeof code === 'string' || typeof code === 'number' ? `${error.name} ${code}` : error.name;
}
