/** Shapes of the control API's bodies. Unknown keys are refused, so that a typing mistake is not silence. */

const text = (maxLength: number, minLength = 1) => ({ type: 'string', minLength, maxLength }) as const;
const body = (properties: Record<string, unknown>, required: readonly string[] = []) => ({
	body: { type: 'object', additionalProperties: false, properties, required },
});

const CLIENT = text(64);
const MANAGER = text(64);
const SECRET = { type: ['string', 'null'], maxLength: 512 } as const;

export const PHONE_MESSAGE = body(
	{
		client: CLIENT,
		from: text(32),
		name: text(64),
		text: text(20_000, 0),
		texts: { type: 'array', minItems: 1, maxItems: 50, items: text(20_000) },
		media: {
			type: 'object',
			additionalProperties: false,
			required: ['type', 'base64'],
			properties: {
				type: { enum: ['image', 'audio', 'video', 'document'] },
				base64: text(8_000_000),
				mimetype: text(100),
				fileName: text(120),
				caption: text(1_000, 0),
			},
		},
		spoken: text(2_000),
		repeat: { type: 'integer', minimum: 1, maximum: 100 },
		shuffle: { type: 'boolean' },
		gapMs: { type: 'integer', minimum: 0, maximum: 30_000 },
		variant: { enum: ['nested', 'flat'] },
		fromMe: { type: 'boolean' },
		secret: SECRET,
		messageId: text(64),
		retries: { type: 'integer', minimum: 0, maximum: 20 },
	},
	['from'],
);

export const RAW_DELIVERY = body({ client: CLIENT, body: text(20_000_000, 0), secret: SECRET }, ['body']);

export const PRESS = body(
	{
		client: CLIENT,
		manager: MANAGER,
		messageId: { type: 'integer' },
		button: text(200),
		index: { type: 'integer', minimum: 0 },
	},
	['messageId'],
);
export const WRITE = body({ client: CLIENT, manager: MANAGER, text: text(20_000), replyTo: { type: 'integer' } }, [
	'text',
]);
export const EDIT = body({ client: CLIENT, manager: MANAGER, text: text(20_000) }, ['text']);
export const MANAGER_NEW = body({ firstName: text(64) }, ['firstName']);
export const PRIVACY = body({ client: CLIENT, privacyMode: { type: 'boolean' } }, ['privacyMode']);

const FAULT = {
	type: 'object',
	additionalProperties: false,
	required: ['mode'],
	properties: {
		mode: { enum: ['ok', 'slow', 'hang', 'fail', 'malformed', 'reset', 'sent_then_lost', 'obey', 'invent_price'] },
		delayMs: { type: 'integer', minimum: 0, maximum: 600_000 },
		status: { type: 'integer', minimum: 400, maximum: 599 },
		message: text(500),
		retryAfterSeconds: { type: 'integer', minimum: 0, maximum: 3_600 },
		shape: text(40),
		times: { type: 'integer', minimum: 1 },
		client: CLIENT,
		only: { type: 'array', maxItems: 20, items: text(100) },
	},
} as const;

export const MODES = body({
	chatflow: FAULT,
	telegram: FAULT,
	openai: FAULT,
	anthropic: FAULT,
	quietErrors: { type: 'boolean' },
	dedupeMsgId: { type: 'boolean' },
	groupLimitPerMinute: { type: ['integer', 'null'], minimum: 1 },
	rules: {
		type: 'array',
		maxItems: 100,
		items: {
			type: 'object',
			additionalProperties: false,
			required: ['when', 'reply'],
			properties: { when: text(500), reply: text(8_000, 0) },
		},
	},
});

const ACCOUNT = (...names: string[]) => ({
	type: 'object',
	additionalProperties: false,
	required: names,
	properties: Object.fromEntries(names.map((name) => [name, text(1_000)])),
});

export const CLIENT_NEW = body(
	{
		key: CLIENT,
		name: text(100),
		chatflow: ACCOUNT('token', 'instanceId'),
		telegram: ACCOUNT('botToken', 'chatId'),
		gateway: ACCOUNT('url', 'secret'),
	},
	['key', 'chatflow', 'telegram', 'gateway'],
);

const LONG_POLL = { after: { type: 'integer', minimum: 0 }, waitMs: { type: 'integer', minimum: 0, maximum: 60_000 } };

export const PHONE_LIST = {
	querystring: {
		type: 'object',
		additionalProperties: false,
		properties: { client: CLIENT, phone: text(32), author: { enum: ['customer', 'business', 'owner'] }, ...LONG_POLL },
	},
};
export const GROUP_LIST = {
	querystring: { type: 'object', additionalProperties: false, properties: { client: CLIENT, ...LONG_POLL } },
};
export const CALL_LIST = {
	querystring: {
		type: 'object',
		additionalProperties: false,
		properties: {
			service: { enum: ['chatflow', 'telegram', 'openai', 'anthropic'] },
			method: text(64),
			after: { type: 'integer', minimum: 0 },
		},
	},
};
