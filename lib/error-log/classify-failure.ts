import { ERRORS, type ErrorCode, type ErrorFamily } from '../errors';
import { redactMessage } from './redact';

/** One row of `error_logs`, without its client. */
export interface FailureRecord {
	readonly workflow: string | null;
	readonly node: string | null;
	/** A code of the catalogue; TRF_NODE_FAILED when the error is not ours. */
	readonly code: ErrorCode;
	readonly family: ErrorFamily;
	readonly retryable: boolean;
	readonly message: string;
	readonly executionId: string | null;
}

const UNREACHABLE_CODES = new Set([
	'ECONNREFUSED',
	'ECONNRESET',
	'ECONNABORTED',
	'ENOTFOUND',
	'EAI_AGAIN',
	'ETIMEDOUT',
	'EPIPE',
	'EHOSTUNREACH',
	'UND_ERR_CONNECT_TIMEOUT',
]);

/**
 * Turns what n8n hands to an error workflow into a row for people on call.
 *
 * Our own codes are taken from where the nodes put them (`error.context.code`, or `error.code` of an error item),
 * never from message text. Foreign errors are judged by their transport code and HTTP status only.
 *
 * @param event the item of the Error Trigger: `{execution: {id, error, lastNodeExecuted}, workflow: {name}}`, its form
 *              for triggers `{trigger: {error}, workflow}`, or an item with just `{error}`
 * @returns null when the event holds no error
 */
export function classifyFailure(event: unknown): FailureRecord | null {
	const root = asRecord(event);
	const execution = asRecord(root['execution']);
	const error = asRecord(execution['error'] ?? asRecord(root['trigger'])['error'] ?? root['error']);
	if (Object.keys(error).length === 0) return null;

	const code = ownCode(error);
	const where = {
		workflow: textOf(asRecord(root['workflow'])['name']),
		node: textOf(execution['lastNodeExecuted']) ?? textOf(asRecord(error['node'])['name']),
		executionId: textOf(execution['id']),
	};
	if (code !== null) {
		const { family, retryable } = ERRORS[code];
		return { ...where, code, family, retryable, message: redactMessage(textOf(error['message']) ?? code) };
	}
	const family = foreignFamily(error);
	return {
		...where,
		code: 'TRF_NODE_FAILED',
		family,
		retryable: family === 'unreachable',
		message: redactMessage(textOf(error['message']) ?? textOf(error['name']) ?? 'unknown error'),
	};
}

function ownCode(error: Readonly<Record<string, unknown>>): ErrorCode | null {
	const candidates = [asRecord(error['context'])['code'], error['code']];
	const found = candidates.find((value) => typeof value === 'string' && Object.hasOwn(ERRORS, value));
	return found === undefined ? null : (found as ErrorCode);
}

function foreignFamily(error: Readonly<Record<string, unknown>>): ErrorFamily {
	const codes = [error['code'], asRecord(error['cause'])['code'], error['httpCode']].map(String);
	if (codes.some((code) => UNREACHABLE_CODES.has(code))) return 'unreachable';
	const status = codes.map(Number).find((value) => value >= 400 && value <= 599);
	if (status === undefined) return 'invalid';
	return status === 408 || status === 504 ? 'unreachable' : 'refused';
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
	return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

function textOf(value: unknown): string | null {
	if (typeof value === 'number') return String(value);
	return typeof value === 'string' && value !== '' ? value : null;
}
