/** What the sandbox must be told at start. It holds no token, key or secret of its own: each is required. */

export interface ChatflowAccount {
	readonly token: string;
	readonly instanceId: string;
}

export interface TelegramAccount {
	/** `<digits>:<letters>`, as BotFather gives it. */
	readonly botToken: string;
	/** Numeric id of the managers' group, for example `-1001234567890`. */
	readonly chatId: string;
}

export interface GatewayTarget {
	/** Where the phone posts its webhooks, for example `http://127.0.0.1:5678/webhook/in/whatsapp/demo_salon`. */
	readonly url: string;
	/** Sent as `X-Webhook-Secret`. */
	readonly secret: string;
}

/** One business in the sandbox: its WhatsApp instance, its managers' group, its webhook address. */
export interface SandboxClientOptions {
	/** Given by us, `[a-z0-9_]`; usually the client's slug. */
	readonly key: string;
	/** Shown on the page. */
	readonly name: string;
	readonly chatflow: ChatflowAccount;
	readonly telegram: TelegramAccount;
	readonly gateway: GatewayTarget;
}

export interface SandboxOptions {
	/** 0 takes a free port. */
	readonly port: number;
	/** Loopback only; `127.0.0.1` when absent. */
	readonly host?: string;
	/** Key of the first client; `demo_salon` when absent. */
	readonly clientKey?: string;
	/** Name of the first client on the page. */
	readonly clientName?: string;
	readonly chatflow: ChatflowAccount;
	readonly telegram: TelegramAccount;
	readonly openai: { readonly apiKey: string };
	readonly gateway: GatewayTarget;
	/** Keeps the chats between two starts; written atomically, readable by the owner only. */
	readonly stateFile?: string;
}

const LOOPBACK_HOSTS = new Set(['127.0.0.1', '::1', 'localhost']);

/** True for the names and addresses of this machine itself. */
export function isLoopbackHost(host: string): boolean {
	return LOOPBACK_HOSTS.has(host.replace(/^\[|\]$/g, ''));
}

function isHttpUrl(text: string): boolean {
	try {
		return ['http:', 'https:'].includes(new URL(text).protocol);
	} catch {
		return false;
	}
}

/** Everything wrong with one client, as sentences that name the field and the expected value; empty when it is fine. */
export function clientProblems(client: SandboxClientOptions): string[] {
	const problems: string[] = [];
	if (!/^[a-z0-9_]{1,64}$/.test(client.key)) problems.push('key: 1 to 64 of a-z, 0-9 and _');
	if (!client.chatflow.token) problems.push('chatflow.token: must not be empty');
	if (!client.chatflow.instanceId) problems.push('chatflow.instanceId: must not be empty');
	if (!/^\d{3,}:[A-Za-z0-9_-]{10,}$/.test(client.telegram.botToken)) {
		problems.push('telegram.botToken: <digits>:<at least 10 of A-Z a-z 0-9 _ ->');
	}
	if (!/^-?\d{1,20}$/.test(client.telegram.chatId))
		problems.push('telegram.chatId: a number, for example -1001234567890');
	if (!isHttpUrl(client.gateway.url)) problems.push('gateway.url: an http or https address');
	if (!/^[\x21-\x7e]{1,512}$/.test(client.gateway.secret))
		problems.push('gateway.secret: 1 to 512 printable ASCII characters');
	return problems;
}

/**
 * Checks the options of a start.
 *
 * @returns the first client, complete
 * @throws Error that lists all problems; it holds no secret
 */
export function checkOptions(options: SandboxOptions): SandboxClientOptions {
	const client: SandboxClientOptions = {
		key: options.clientKey ?? 'demo_salon',
		name: options.clientName ?? 'Demo salon',
		chatflow: options.chatflow,
		telegram: options.telegram,
		gateway: options.gateway,
	};
	const problems = clientProblems(client);
	if (!options.openai.apiKey) problems.push('openai.apiKey: must not be empty');
	if (!Number.isInteger(options.port) || options.port < 0 || options.port > 65_535) problems.push('port: 0 to 65535');
	if (!isLoopbackHost(options.host ?? '127.0.0.1')) problems.push('host: loopback only (127.0.0.1, ::1 or localhost)');
	if (problems.length > 0) throw new Error(`The sandbox cannot start:\n- ${problems.join('\n- ')}`);
	return client;
}
