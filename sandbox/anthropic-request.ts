/** Checks requests as Anthropic's Messages API does and refuses in its words. Source: platform.claude.com, API reference and migration guides (2026-11-21). */
import type { ChatMessage } from './openai-answer';

/** The `error` object of Anthropic's answers. */
export class AnthropicRefusal extends Error {
	constructor(
		readonly status: number,
		readonly type: string,
		message: string,
		readonly retryAfterSeconds: number | null = null,
	) {
		super(message);
	}
}

export interface MessagesRequest {
	readonly model: string;
	/** The system prompt first, as `system`. */
	readonly messages: readonly ChatMessage[];
	readonly maxTokens: number;
	/** The model thinks before it answers, and its thoughts count towards `maxTokens`. */
	readonly thinks: boolean;
}

/** Models that are served; a retired one is unknown. True: it thinks by default and knows `effort`. */
const MODELS: Readonly<Record<string, boolean>> = {
	'claude-haiku-4-5': false,
	'claude-haiku-5-5': true,
	'claude-sonnet-5-5': true,
	'claude-opus-5-5': true,
};
export const ANTHROPIC_MODELS: readonly string[] = Object.keys(MODELS);

/** Since this version sampling parameters are refused for every model, also at their defaults. */
const WITHOUT_SAMPLING = '2026-10-21';
const VERSIONS = ['2023-06-01', WITHOUT_SAMPLING];
const SAMPLING = ['temperature', 'top_p', 'top_k'];
const FIELDS = new Set([
	'model',
	'messages',
	'max_tokens',
	'system',
	'metadata',
	'stop_sequences',
	'stream',
	'thinking',
	'output_config',
	'service_tier',
	'tools',
	'tool_choice',
	'cache_control',
]);

const invalid = (message: string) => new AnthropicRefusal(400, 'invalid_request_error', message);

function isRecord(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Throws Anthropic's refusal unless the headers carry this key and a version of the API; returns the version. */
export function checkAnthropicHeaders(headers: Headers, apiKey: string): string {
	const bearer = /^Bearer\s+(\S+)$/i.exec(String(headers['authorization'] ?? ''))?.[1];
	const given = bearer ?? headers['x-api-key'];
	if (given === undefined) throw new AnthropicRefusal(401, 'authentication_error', 'x-api-key header is required');
	if (given !== apiKey) throw new AnthropicRefusal(401, 'authentication_error', 'invalid x-api-key');
	const version = headers['anthropic-version'];
	if (version === undefined) throw invalid('anthropic-version: header is required');
	if (typeof version !== 'string' || !VERSIONS.includes(version))
		throw invalid(`anthropic-version: "${String(version)}" is not a valid version`);
	return version;
}

/** Reads the body of `POST /v1/messages`; throws the refusal that Anthropic would answer. */
export function readMessagesRequest(body: unknown, version: string): MessagesRequest {
	if (!isRecord(body)) throw invalid('The request body is not valid JSON');
	const { model } = body;
	if (model === undefined) throw invalid('model: Field required');
	if (typeof model !== 'string') throw invalid('model: Input should be a valid string');
	const thinks = MODELS[model];
	if (thinks === undefined) throw new AnthropicRefusal(404, 'not_found_error', `model: ${model}`);
	const sampling = SAMPLING.find((name) => body[name] !== undefined);
	if (sampling !== undefined && (version === WITHOUT_SAMPLING || thinks))
		throw invalid(`\`${sampling}\` is not supported`);
	const unknown = Object.keys(body).find((name) => !FIELDS.has(name) && !SAMPLING.includes(name));
	if (unknown !== undefined) throw invalid(`${unknown}: Extra inputs are not permitted`);
	if (isRecord(body['output_config']) && body['output_config']['effort'] !== undefined && !thinks)
		throw invalid('This model does not support the effort parameter.');
	return {
		model,
		messages: [...readSystem(body['system']), ...readMessages(body['messages'], thinks)],
		maxTokens: readMaxTokens(body['max_tokens']),
		thinks,
	};
}

function readMaxTokens(value: unknown): number {
	if (value === undefined) throw invalid('max_tokens: Field required');
	if (typeof value !== 'number' || !Number.isInteger(value))
		throw invalid('max_tokens: Input should be a valid integer');
	if (value < 1) throw invalid('max_tokens: Input should be greater than or equal to 1');
	return value;
}

function readSystem(value: unknown): ChatMessage[] {
	if (value === undefined) return [];
	return [{ role: 'system', text: readContent(value, 'system') }];
}

function readMessages(value: unknown, thinks: boolean): ChatMessage[] {
	if (value === undefined) throw invalid('messages: Field required');
	if (!Array.isArray(value)) throw invalid('messages: Input should be a valid list');
	if (value.length === 0) throw invalid('messages: at least one message is required');
	const messages = (value as unknown[]).map((message, index) => {
		const path = `messages.${index}`;
		if (!isRecord(message)) throw invalid(`${path}: Input should be a valid dictionary`);
		const { role } = message;
		if (role !== 'user' && role !== 'assistant')
			throw invalid(`${path}: Unexpected role "${String(role)}". Allowed roles are "user" or "assistant".`);
		return { role, text: readContent(message['content'], `${path}.content`) };
	});
	if (messages[0]?.role !== 'user') throw invalid('messages: first message must use the "user" role');
	if (thinks && messages.at(-1)?.role === 'assistant')
		throw invalid(
			'This model does not support assistant message prefill. The conversation must end with a user message.',
		);
	return messages;
}

function readContent(value: unknown, path: string): string {
	if (value === undefined) throw invalid(`${path}: Field required`);
	const blocks = typeof value === 'string' ? [{ type: 'text', text: value }] : value;
	if (!Array.isArray(blocks)) throw invalid(`${path}: Input should be a valid string or list`);
	const texts = (blocks as unknown[]).map((block) => (isRecord(block) ? String(block['text'] ?? '') : ''));
	if (texts.length === 0 || texts.some((text) => text.trim() === ''))
		throw invalid(`${path}: text content blocks must be non-empty`);
	return texts.join('\n');
}
