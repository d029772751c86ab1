/** Everything the sandbox remembers, bounded, with one stream of changes for the page and for long polls. */
import { EventEmitter } from 'node:events';
import { FaultSwitch } from './fault';
import type { Fault } from './fault';
import type { SandboxClientOptions } from './options';
import type { ChatRule } from './openai-answer';
import { GroupStore } from './group-store';
import type { GroupMessage } from './group-store';
import { PhoneStore } from './phone-store';
import type { PhoneMessage } from './phone-store';

export const SERVICES = ['chatflow', 'telegram', 'openai', 'anthropic'] as const;
export type Service = (typeof SERVICES)[number];

/** One call that reached a stand-in. It never holds a token or key. */
export interface JournalEntry {
	readonly seq: number;
	readonly at: string;
	readonly service: Service;
	/** `send-text`, a Telegram method, or a model endpoint. */
	readonly method: string;
	readonly client: string | null;
	readonly mode: string;
	readonly status: number | null;
	readonly request: unknown;
	readonly response: unknown;
}

export type SandboxEvent =
	| { readonly type: 'phone'; readonly message: PhoneMessage }
	| { readonly type: 'group'; readonly chatId: string; readonly message: GroupMessage }
	| { readonly type: 'callback'; readonly chatId: string; readonly callbackId: string; readonly answer: unknown }
	| { readonly type: 'webhook'; readonly bot: string }
	| { readonly type: 'modes' }
	| { readonly type: 'call'; readonly entry: Omit<JournalEntry, 'request' | 'response'> }
	| { readonly type: 'clients' }
	| { readonly type: 'reset' };

const MAX_JOURNAL = 300;
const MAX_JOURNAL_BODY_CHARS = 64_000;
const MAX_CLIENTS = 50;
/** Page tabs and long polls together; more listeners than this means a leak. */
const MAX_LISTENERS = 500;

/** The root of the sandbox's memory. */
export class SandboxState {
	readonly clients = new Map<string, SandboxClientOptions>();
	readonly phone: PhoneStore;
	readonly groups: GroupStore;
	readonly faults: Readonly<Record<Service, FaultSwitch>>;
	readonly journal: JournalEntry[] = [];
	/** Scripted answers of the model, first match wins. */
	rules: readonly ChatRule[] = [];
	/** ChatFlow: answer refusals with status 200 and `success: false`, as some gateways do. */
	quietErrors = false;
	/** ChatFlow: a repeated `msg_id` is answered with success and not shown twice. Unknown of the real one. */
	dedupeMsgId = false;
	/** Telegram: messages per minute that one group takes; null = unlimited. The real limit is 20. */
	groupLimitPerMinute: number | null = null;
	private readonly emitter = new EventEmitter();
	private lastSeq = 0;

	constructor() {
		this.emitter.setMaxListeners(MAX_LISTENERS);
		const nextSeq = () => this.nextSeq();
		this.phone = new PhoneStore(nextSeq, (message) => this.emit({ type: 'phone', message }));
		this.groups = new GroupStore(nextSeq, (chatId, message) => this.emit({ type: 'group', chatId, message }));
		const changed = () => this.emit({ type: 'modes' });
		this.faults = {
			chatflow: new FaultSwitch(changed),
			telegram: new FaultSwitch(changed),
			openai: new FaultSwitch(changed),
			anthropic: new FaultSwitch(changed),
		};
	}

	/** Growing number over everything that happens; the cursor of `after=`. */
	nextSeq(): number {
		this.lastSeq += 1;
		return this.lastSeq;
	}

	get seq(): number {
		return this.lastSeq;
	}

	/** Continues after a restart; never goes back. */
	raiseSeq(seq: number): void {
		this.lastSeq = Math.max(this.lastSeq, seq);
	}

	emit(event: SandboxEvent): void {
		this.emitter.emit('event', event);
	}

	/** Calls back on every change; returns the function that stops it. */
	onEvent(listener: (event: SandboxEvent) => void): () => void {
		this.emitter.on('event', listener);
		return () => this.emitter.off('event', listener);
	}

	/** Adds a client or replaces the one with the same key. Throws when there are too many. */
	putClient(client: SandboxClientOptions): void {
		if (!this.clients.has(client.key) && this.clients.size >= MAX_CLIENTS) {
			throw new Error(`The sandbox holds at most ${MAX_CLIENTS} clients. Reset it, or reuse a key.`);
		}
		this.clients.set(client.key, client);
		this.emit({ type: 'clients' });
	}

	clientByChatflowToken(token: string): SandboxClientOptions | undefined {
		return [...this.clients.values()].find((client) => client.chatflow.token === token);
	}

	clientsOfBot(botToken: string): SandboxClientOptions[] {
		return [...this.clients.values()].filter((client) => client.telegram.botToken === botToken);
	}

	/** Notes a call for `GET /control/calls`; a body that is too large is replaced by its size. */
	record(entry: Omit<JournalEntry, 'seq' | 'at'>): void {
		const full: JournalEntry = {
			...entry,
			request: bounded(entry.request),
			response: bounded(entry.response),
			seq: this.nextSeq(),
			at: new Date().toISOString(),
		};
		this.journal.push(full);
		if (this.journal.length > MAX_JOURNAL) this.journal.splice(0, this.journal.length - MAX_JOURNAL);
		const { request: _request, response: _response, ...summary } = full;
		this.emit({ type: 'call', entry: summary });
	}

	/** The switches as the control API shows them. */
	modes(): Record<Service, Fault> & {
		quietErrors: boolean;
		dedupeMsgId: boolean;
		groupLimitPerMinute: number | null;
		rules: readonly ChatRule[];
	} {
		return {
			chatflow: this.faults.chatflow.current,
			telegram: this.faults.telegram.current,
			openai: this.faults.openai.current,
			anthropic: this.faults.anthropic.current,
			quietErrors: this.quietErrors,
			dedupeMsgId: this.dedupeMsgId,
			groupLimitPerMinute: this.groupLimitPerMinute,
			rules: this.rules,
		};
	}
}

function bounded(body: unknown): unknown {
	const json = JSON.stringify(body);
	if (json === undefined || json.length <= MAX_JOURNAL_BODY_CHARS) return body ?? null;
	return { tooLarge: true, chars: json.length };
}
