/**
 * The catalogue of coded errors.
 *
 * Refused: the other side said no. Unreachable: we do not know whether it happened. Invalid: ours or the
 * user's mistake. A message says what happened, where, and what to do next; it never holds a secret, a
 * phone number or message text. Codes are never reused. README's table is compared with this file by a test.
 */
export type ErrorFamily = 'refused' | 'unreachable' | 'invalid';

export interface ErrorEntry {
	readonly family: ErrorFamily;
	/** HTTP status when it is answered over HTTP. */
	readonly status: number;
	readonly retryable: boolean;
	/** `{name}` is replaced from the details; only non-secret values may be passed. */
	readonly message: string;
}

export const ERRORS = {
	TRF_ITEM_INVALID: {
		family: 'invalid',
		status: 422,
		retryable: false,
		message:
			'The item is not a Truffles standard item: {problem}. Connect this node behind "Open conversation", or switch its source to "Fields".',
	},
	TRF_PLATFORM_CREDENTIAL_INVALID: {
		family: 'invalid',
		status: 500,
		retryable: false,
		message:
			'The Truffles platform credential is incomplete: {problem}. Open Credentials > Truffles Platform and fill the field.',
	},
	TRF_DB_ROLE_BYPASSES_RLS: {
		family: 'invalid',
		status: 500,
		retryable: false,
		message:
			'The database role {role} can bypass row-level security. Use the role truffles_app that "npm run migrate" creates.',
	},
	TRF_DB_UNREACHABLE: {
		family: 'unreachable',
		status: 503,
		retryable: true,
		message: 'PostgreSQL did not answer ({detail}). Nothing was acknowledged; the sender repeats.',
	},
	TRF_DB_SCHEMA_MISSING: {
		family: 'invalid',
		status: 500,
		retryable: false,
		message: 'The database has no schema "truffles". Run "npm run migrate -- up".',
	},
	TRF_APP_PASSWORD_MISSING: {
		family: 'invalid',
		status: 500,
		retryable: false,
		message: 'There is no password for the database role truffles_app. Set TRUFFLES_APP_DB_PASSWORD.',
	},
	TRF_MIGRATIONS_REFUSED: {
		family: 'refused',
		status: 409,
		retryable: false,
		message: 'Migrations were not applied: {problems}.',
	},
	TRF_MIGRATION_FAILED: {
		family: 'invalid',
		status: 500,
		retryable: false,
		message:
			'Migration {file} failed and was rolled back: {problem}. Correct it, seal it and run "npm run migrate -- up" again.',
	},
	TRF_MASTER_KEY_INVALID: {
		family: 'invalid',
		status: 500,
		retryable: false,
		message:
			'The master key must be 32 bytes in base64. Set TRUFFLES_MASTER_KEY (make one with: openssl rand -base64 32).',
	},
	TRF_SETTINGS_INVALID: {
		family: 'invalid',
		status: 422,
		retryable: false,
		message: 'The settings of client {client} are invalid: {problems}.',
	},
	TRF_ONBOARD_INVALID: {
		family: 'invalid',
		status: 422,
		retryable: false,
		message: 'The client folder {folder} cannot be onboarded: {problems}.',
	},
	TRF_DOCUMENT_TOO_LARGE: {
		family: 'invalid',
		status: 413,
		retryable: false,
		message: 'The document {document} is too large: {problem}. Divide it, or leave out what customers do not ask for.',
	},
	TRF_DOCUMENT_ENCRYPTED: {
		family: 'invalid',
		status: 422,
		retryable: false,
		message: 'The document {document} cannot be opened: {problem}.',
	},
	TRF_DOCUMENT_UNREADABLE: {
		family: 'invalid',
		status: 422,
		retryable: false,
		message: 'The document {document} cannot be read: {problem}. Save it anew, or as .md, .txt, .pdf or .docx.',
	},
	TRF_DOCUMENT_NO_TEXT: {
		family: 'invalid',
		status: 422,
		retryable: false,
		message: 'The document {document} gives no text: {problem}.',
	},
	TRF_CLIENT_UNKNOWN: { family: 'refused', status: 404, retryable: false, message: 'No client with this address.' },
	TRF_WEBHOOK_UNAUTHORIZED: {
		family: 'refused',
		status: 401,
		retryable: false,
		message:
			"The request is not authenticated. Send the client's secret in the header X-Webhook-Secret, or the signature that settings.channels.<channel>.auth asks for.",
	},
	TRF_WEBHOOK_SOURCE_REFUSED: {
		family: 'refused',
		status: 403,
		retryable: false,
		message:
			"The sender's address is not allowed to deliver for this client. Add it to settings.channels.<channel>.allowFrom.",
	},
	TRF_WEBHOOK_RATE_LIMITED: {
		family: 'refused',
		status: 429,
		retryable: true,
		message: 'Too many requests for this client. Repeat after the time in Retry-After.',
	},
	TRF_WEBHOOK_BODY_TOO_LARGE: {
		family: 'invalid',
		status: 413,
		retryable: false,
		message: 'The body is larger than {maxKb} KiB.',
	},
	TRF_WEBHOOK_BODY_INVALID: {
		family: 'invalid',
		status: 400,
		retryable: false,
		message: 'The body is not valid JSON for channel {channel}: {problem}.',
	},
	TRF_CHANNEL_UNKNOWN: {
		family: 'invalid',
		status: 404,
		retryable: false,
		message: 'No channel with this name. Known: {known}.',
	},
	TRF_CHANNEL_NOT_CONFIGURED: {
		family: 'invalid',
		status: 500,
		retryable: false,
		message: 'Client {client} has no settings for channel {channel}. Run "npm run onboard" with them.',
	},
	TRF_SECRET_MISSING: {
		family: 'invalid',
		status: 500,
		retryable: false,
		message: 'Client {client} has no secret named {secret}. Run "npm run onboard" with it.',
	},
	TRF_SECRET_UNREADABLE: {
		family: 'invalid',
		status: 500,
		retryable: false,
		message: 'A stored secret cannot be decrypted: the master key is not the one it was written with.',
	},
	TRF_TURN_FAILED: {
		family: 'invalid',
		status: 500,
		retryable: true,
		message: 'The turn failed in {where}: {problem}. The customer got the fallback text and a manager the handover.',
	},
	TRF_EXECUTION_LOST: {
		family: 'unreachable',
		status: 503,
		retryable: true,
		message:
			'Redis has lost the executions that waited in it; their turns run again. Give it memory enough and a disk.',
	},
	TRF_TURN_STRANDED: {
		family: 'invalid',
		status: 500,
		retryable: false,
		message:
			"A customer's message could not be opened ({problem}): the customer has no answer, and {told}. Mend the cause; a recorded handover then reaches the managers by itself.",
	},
	TRF_TURN_OVERDUE: {
		family: 'invalid',
		status: 500,
		retryable: false,
		message:
			'{events} accepted messages have no outcome after {minutes} minutes, the oldest since {oldest}. Look whether 2_Parse_Normalize is published and running.',
	},
	TRF_MANAGER_EVENT_FAILED: {
		family: 'invalid',
		status: 500,
		retryable: false,
		message: "A manager's action could not be carried out ({problem}). Ask the manager to repeat it.",
	},
	TRF_MODEL_REFUSED: {
		family: 'refused',
		status: 502,
		retryable: true,
		message: 'The model {model} refused the call ({code}).',
	},
	TRF_MODEL_UNREACHABLE: {
		family: 'unreachable',
		status: 504,
		retryable: true,
		message: 'The model {model} did not answer ({code}).',
	},
	TRF_MODEL_MALFORMED: {
		family: 'refused',
		status: 502,
		retryable: true,
		message: 'The model {model} answered in a shape that cannot be read ({code}).',
	},
	TRF_SEND_REFUSED: {
		family: 'refused',
		status: 502,
		retryable: false,
		message: 'Channel {channel} refused the message ({code}).',
	},
	TRF_SEND_UNREACHABLE: {
		family: 'unreachable',
		status: 504,
		retryable: true,
		message: 'Channel {channel} did not answer ({code}); whether the message was sent is unknown.',
	},
	TRF_NOTIFY_FAILED: {
		family: 'unreachable',
		status: 502,
		retryable: true,
		message:
			'The managers could not be notified through {adapter} ({code}). The handover stays pending and is repeated.',
	},
	TRF_MODEL_CREDENTIAL_INVALID: {
		family: 'invalid',
		status: 500,
		retryable: false,
		message:
			'The Truffles model credential is incomplete: {problem}. Open Credentials > Truffles Model and fill the field.',
	},
	TRF_FIELD_INVALID: {
		family: 'invalid',
		status: 422,
		retryable: false,
		message: 'The field "{field}" cannot be used: {problem}.',
	},
	TRF_NODE_FAILED: {
		family: 'invalid',
		status: 500,
		retryable: true,
		message: 'The node failed: {problem}. The server log has the details.',
	},
	TRF_N8N_REFUSED: {
		family: 'refused',
		status: 502,
		retryable: false,
		message:
			'n8n refused {method} {path} with {status}: {problem}. Nothing after it was done; correct it and deploy again.',
	},
	TRF_N8N_UNREACHABLE: {
		family: 'unreachable',
		status: 504,
		retryable: true,
		message:
			'n8n did not answer {method} {path} ({detail}). Check its address and that it runs, then deploy again: what was already done is recognised.',
	},
	TRF_DEPLOY_BLOCKED: { family: 'invalid', status: 409, retryable: false, message: '{problem}' },
	TRF_DEPLOY_NOT_VERIFIED: {
		family: 'refused',
		status: 502,
		retryable: false,
		message: 'n8n does not hold what was written to {workflow}: {problem}. Somebody may be editing it; deploy again.',
	},
	TRF_DEPLOY_PROBE_FAILED: {
		family: 'refused',
		status: 502,
		retryable: false,
		message:
			'The gateway does not answer through the public address: {problem}. See whether the address leads to this n8n and the platform credential is right.',
	},
	TRF_DEPLOY_LOCK_LOST: {
		family: 'refused',
		status: 409,
		retryable: true,
		message:
			'The deploy has held its lock for {seconds} s and stops, because others may take the lock over soon. Deploy again: what was already done is recognised.',
	},
	TRF_DEPLOY_STOPPED: {
		family: 'refused',
		status: 409,
		retryable: true,
		message: 'The deploy was stopped by {signal}.',
	},
	TRF_PRICES_INVALID: {
		family: 'invalid',
		status: 500,
		retryable: false,
		message: 'The price table cannot be used: {problems}. Correct lib/billing/price-table.json.',
	},
	TRF_BILL_NOT_STORED: {
		family: 'unreachable',
		status: 503,
		retryable: true,
		message:
			'PostgreSQL did not answer and the bill could not be written to the journal in {folder} either ({detail}). Give the process a folder it may write to.',
	},
	TRF_BILL_SET_ASIDE: {
		family: 'refused',
		status: 500,
		retryable: false,
		message:
			'{count} bills of the journal were refused by PostgreSQL and kept in {folder}. Read the file that ends in refused.txt and write them by hand.',
	},
	TRF_BUDGET_ALMOST_REACHED: {
		family: 'refused',
		status: 402,
		retryable: false,
		message:
			'Client {client} has spent {spent} of {limit} tiyn of its model budget for this {period}. At the limit paid calls stop; raise it in the settings of the client.',
	},
	TRF_BUDGET_REACHED: {
		family: 'refused',
		status: 402,
		retryable: false,
		message:
			'Client {client} has used up its model budget for this {period} ({spent} of {limit} tiyn). Replies come from facts and knowledge or go to a manager until the period ends or the limit is raised.',
	},
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof ERRORS;

/** An error of the catalogue. Thrown by adapters and stores; n8n nodes turn it into a NodeOperationError. */
export class TrufflesError extends Error {
	readonly code: ErrorCode;
	readonly details: Readonly<Record<string, string | number>>;

	constructor(code: ErrorCode, details: Readonly<Record<string, string | number>> = {}, cause?: unknown) {
		super(formatError(code, details), cause === undefined ? undefined : { cause });
		this.name = 'TrufflesError';
		this.code = code;
		this.details = details;
	}

	get family(): ErrorFamily {
		return ERRORS[this.code].family;
	}

	get status(): number {
		return ERRORS[this.code].status;
	}

	get retryable(): boolean {
		return ERRORS[this.code].retryable;
	}
}

/** The catalogue's message with its details filled in; a missing detail stays visible as `{name}`. */
export function formatError(code: ErrorCode, details: Readonly<Record<string, string | number>> = {}): string {
	return ERRORS[code].message.replace(/\{(\w+)\}/g, (placeholder, name: string) =>
		String(details[name] ?? placeholder),
	);
}

/** The innermost five lines of an error's stack, without its message, which may quote a customer or hold a token. */
export function codeFrames(error: unknown): string {
	const lines = error instanceof Error ? (error.stack ?? '').split('\n') : [];
	return lines
		.filter((line) => /^\s+at\s/.test(line))
		.slice(0, 5)
		.join('\n');
}
