/** Checks requests as OpenAI does and refuses in its words. Source: platform.openai.com/docs/api-reference. */
import type { ChatMessage } from './openai-answer';

/** The `error` object of OpenAI's answers. */
export class OpenaiRefusal extends Error {
	constructor(
		readonly status: number,
		message: string,
		readonly type: string,
		readonly code: string | null,
		readonly param: string | null = null,
		readonly retryAfterSeconds: number | null = null,
	) {
		super(message);
	}
}

export interface ChatRequest {
	readonly model: string;
	readonly messages: readonly ChatMessage[];
	readonly choices: number;
	readonly stream: boolean;
	readonly includeUsage: boolean;
	/** Null = prose; otherwise JSON, with the schema or null. */
	readonly json: { readonly schema: unknown } | null;
	readonly maxTokens: number | null;
}

/** Tokens that each known chat model reads at most. */
const CHAT_MODELS: Readonly<Record<string, number>> = {
	'gpt-4.1': 1_047_576,
	'gpt-4.1-mini': 1_047_576,
	'gpt-4o-mini': 128_000,
	'gpt-5-mini': 400_000,
	'gemini-2.5-flash': 1_048_576,
};
const EMBEDDING_MODELS: Readonly<Record<string, number>> = {
	'text-embedding-3-small': 1_536,
	'text-embedding-3-large': 3_072,
};
const AUDIO_MODELS = ['whisper-1', 'gpt-4o-mini-transcribe'] as const;

/** Every model of `GET /v1/models`. A model that is not here (a retired one) is refused with `model_not_found`. */
export const MODELS: readonly string[] = [
	...Object.keys(CHAT_MODELS),
	...Object.keys(EMBEDDING_MODELS),
	...AUDIO_MODELS,
];

const CHAT_PARAMETERS = new Set([
	'model',
	'messages',
	'temperature',
	'top_p',
	'n',
	'stream',
	'stream_options',
	'stop',
	'max_tokens',
	'max_completion_tokens',
	'presence_penalty',
	'frequency_penalty',
	'logit_bias',
	'logprobs',
	'top_logprobs',
	'user',
	'seed',
	'response_format',
	'tools',
	'tool_choice',
	'parallel_tool_calls',
	'store',
	'metadata',
	'service_tier',
	'reasoning_effort',
	'verbosity',
	'prediction',
	'safety_identifier',
	'prompt_cache_key',
	'modalities',
]);
const ROLES = new Set(['system', 'developer', 'user', 'assistant', 'tool', 'function']);

const invalid = (message: string, code: string | null, param: string | null) =>
	new OpenaiRefusal(400, message, 'invalid_request_error', code, param);

function isRecord(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Throws OpenAI's 401 unless the header carries this key. */
export function checkKey(header: string | undefined, apiKey: string): void {
	const given = /^Bearer\s+(\S+)$/i.exec(header ?? '')?.[1];
	if (given === undefined) {
		throw new OpenaiRefusal(
			401,
			"You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY).",
			'invalid_request_error',
			null,
		);
	}
	if (given !== apiKey) {
		throw new OpenaiRefusal(
			401,
			'Incorrect API key provided. You can find your API key at https://platform.openai.com/account/api-keys.',
			'invalid_request_error',
			'invalid_api_key',
		);
	}
}

function requireModel(model: unknown, known: Readonly<Record<string, number>>): string {
	if (model === undefined || model === '') throw invalid('you must provide a model parameter', null, null);
	if (typeof model !== 'string') throw invalid("Invalid type for 'model': expected a string.", 'invalid_type', 'model');
	if (known[model] === undefined) {
		if (MODELS.includes(model))
			throw new OpenaiRefusal(
				404,
				'This model is not supported in this endpoint.',
				'invalid_request_error',
				null,
				'model',
			);
		throw new OpenaiRefusal(
			404,
			`The model \`${model}\` does not exist or you do not have access to it.`,
			'invalid_request_error',
			'model_not_found',
		);
	}
	return model;
}

function parseMessage(value: unknown, index: number): ChatMessage {
	const path = `messages[${index}]`;
	if (!isRecord(value)) throw invalid(`Invalid type for '${path}': expected an object.`, 'invalid_type', path);
	const { role, content } = value;
	if (role === undefined)
		throw invalid(`Missing required parameter: '${path}.role'.`, 'missing_required_parameter', `${path}.role`);
	if (typeof role !== 'string' || !ROLES.has(role)) {
		throw invalid(
			`Invalid value: '${String(role)}'. Supported values are: 'system', 'assistant', 'user', 'function', 'tool', and 'developer'.`,
			'invalid_value',
			`${path}.role`,
		);
	}
	if (typeof content === 'string') return { role, text: content };
	if (Array.isArray(content)) {
		const parts = (content as unknown[]).map((part) =>
			isRecord(part) && typeof part['text'] === 'string' ? part['text'] : '',
		);
		return { role, text: parts.join('\n') };
	}
	if (content === null && role === 'assistant') return { role, text: '' };
	throw invalid(
		`Invalid type for '${path}.content': expected one of a string or array of objects, but got ${content === undefined ? 'nothing' : typeof content} instead.`,
		'invalid_type',
		`${path}.content`,
	);
}

function readNumber(body: Record<string, unknown>, name: string, min: number, max: number): number | null {
	const value = body[name];
	if (value === undefined || value === null) return null;
	if (typeof value !== 'number')
		throw invalid(
			`Invalid type for '${name}': expected a number, but got a ${typeof value} instead.`,
			'invalid_type',
			name,
		);
	if (value < min)
		throw invalid(
			`Invalid '${name}': decimal below minimum value. Expected a value >= ${min}, but got ${value} instead.`,
			'decimal_below_min_value',
			name,
		);
	if (value > max)
		throw invalid(
			`Invalid '${name}': decimal above maximum value. Expected a value <= ${max}, but got ${value} instead.`,
			'decimal_above_max_value',
			name,
		);
	return value;
}

function readFormat(format: unknown, messages: readonly ChatMessage[]): { schema: unknown } | null {
	if (format === undefined || format === null) return null;
	const type = isRecord(format) ? format['type'] : undefined;
	if (type === 'text') return null;
	if (type === 'json_schema') {
		const schema = isRecord(format) && isRecord(format['json_schema']) ? format['json_schema']['schema'] : undefined;
		if (!isRecord(schema))
			throw invalid(
				"Missing required parameter: 'response_format.json_schema'.",
				'missing_required_parameter',
				'response_format.json_schema',
			);
		return { schema };
	}
	if (type !== 'json_object')
		throw invalid(
			"Invalid value for 'response_format.type'. Supported values are: 'json_object', 'json_schema', and 'text'.",
			'invalid_value',
			'response_format.type',
		);
	if (!messages.some((message) => /json/i.test(message.text))) {
		throw invalid(
			"'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.",
			null,
			'messages',
		);
	}
	return { schema: null };
}

/** Reads a chat completion request; throws the refusal that OpenAI would answer. */
export function readChatRequest(body: unknown): ChatRequest {
	if (!isRecord(body)) throw invalid('We could not parse the JSON body of your request.', null, null);
	const model = requireModel(body['model'], CHAT_MODELS);
	const unknown = Object.keys(body).find((name) => !CHAT_PARAMETERS.has(name));
	if (unknown !== undefined) throw invalid(`Unknown parameter: '${unknown}'.`, 'unknown_parameter', unknown);
	if (body['messages'] === undefined)
		throw invalid("Missing required parameter: 'messages'.", 'missing_required_parameter', 'messages');
	if (!Array.isArray(body['messages']))
		throw invalid("Invalid type for 'messages': expected an array of objects.", 'invalid_type', 'messages');
	if (body['messages'].length === 0)
		throw invalid(
			"Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.",
			'empty_array',
			'messages',
		);
	const messages = (body['messages'] as unknown[]).map(parseMessage);
	const temperature = readNumber(body, 'temperature', 0, 2);
	readNumber(body, 'top_p', 0, 1);
	const oldLimit = readNumber(body, 'max_tokens', 1, 1_000_000);
	const newLimit = readNumber(body, 'max_completion_tokens', 1, 1_000_000);
	if (isReasoning(model)) {
		if (oldLimit !== null)
			throw invalid(
				"Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
				'unsupported_parameter',
				'max_tokens',
			);
		if (temperature !== null && temperature !== 1)
			throw invalid(
				`Unsupported value: 'temperature' does not support ${temperature} with this model. Only the default (1) value is supported.`,
				'unsupported_value',
				'temperature',
			);
	}
	const tokens = messages.reduce((sum, message) => sum + countTokens(message.text) + 4, 3);
	const limit = CHAT_MODELS[model] as number;
	if (tokens > limit)
		throw invalid(
			`This model's maximum context length is ${limit} tokens. However, your messages resulted in ${tokens} tokens. Please reduce the length of the messages.`,
			'context_length_exceeded',
			'messages',
		);
	const options = body['stream_options'];
	return {
		model,
		messages,
		choices: readNumber(body, 'n', 1, 128) ?? 1,
		stream: body['stream'] === true,
		includeUsage: isRecord(options) && options['include_usage'] === true,
		json: readFormat(body['response_format'], messages),
		maxTokens: newLimit ?? oldLimit,
	};
}

export interface EmbeddingRequest {
	readonly model: string;
	readonly inputs: readonly string[];
	readonly dimensions: number;
	readonly base64: boolean;
}

/** Reads an embeddings request; throws the refusal that OpenAI would answer. */
export function readEmbeddingRequest(body: unknown): EmbeddingRequest {
	if (!isRecord(body)) throw invalid('We could not parse the JSON body of your request.', null, null);
	const model = requireModel(body['model'], EMBEDDING_MODELS);
	const { input, dimensions, encoding_format: encoding } = body;
	const inputs = typeof input === 'string' ? [input] : input;
	if (
		!Array.isArray(inputs) ||
		inputs.length === 0 ||
		inputs.length > 2_048 ||
		inputs.some((text) => typeof text !== 'string' || text === '')
	) {
		throw invalid(
			"'$.input' is invalid. Please check the API reference: https://platform.openai.com/docs/api-reference.",
			null,
			null,
		);
	}
	const tooLong = (inputs as string[]).find((text) => countTokens(text) > 8_192);
	if (tooLong !== undefined)
		throw invalid(
			`This model's maximum context length is 8192 tokens, however you requested ${countTokens(tooLong)} tokens.`,
			null,
			null,
		);
	const full = EMBEDDING_MODELS[model] as number;
	if (
		dimensions !== undefined &&
		(!Number.isInteger(dimensions) || Number(dimensions) < 1 || Number(dimensions) > full)
	) {
		throw invalid(`Invalid value for 'dimensions' = ${String(dimensions)}. Must be between 1 and ${full}.`, null, null);
	}
	if (encoding !== undefined && encoding !== 'float' && encoding !== 'base64')
		throw invalid("Invalid value for 'encoding_format'.", 'invalid_value', 'encoding_format');
	return {
		model,
		inputs: inputs as string[],
		dimensions: dimensions === undefined ? full : Number(dimensions),
		base64: encoding === 'base64',
	};
}

/** Throws unless the model can transcribe. */
export function checkAudioModel(model: unknown): void {
	requireModel(model, Object.fromEntries(AUDIO_MODELS.map((name) => [name, 1])));
}

/** Models that think before they answer take no temperature and count their thoughts. */
export function isReasoning(model: string): boolean {
	return /^(gpt-5|o\d)/.test(model);
}

/** An estimate: a token is about four ASCII or 2.8 other characters (OpenAI's o200k on Russian and Kazakh). */
export function countTokens(text: string): number {
	const other = text.replace(/\p{ASCII}/gu, '').length;
	return Math.ceil((text.length - other) / 4 + other / 2.8);
}
