/** How a stand-in misbehaves: the same small language for all three services. */
import type { FastifyReply } from 'fastify';

export type FaultKind =
	'ok' | 'slow' | 'hang' | 'fail' | 'malformed' | 'reset' | 'sent_then_lost' | 'obey' | 'invent_price';

/** What `POST /control/modes` sets for one service. Fields that a kind does not use are ignored. */
export interface Fault {
	readonly mode: FaultKind;
	/** `slow`: added to every answer. */
	readonly delayMs?: number;
	/** `fail`: HTTP status of the answer. */
	readonly status?: number;
	/** `fail`: words of the answer, instead of the service's usual ones. */
	readonly message?: string;
	/** `fail`: also sent as the header `Retry-After` (and in Telegram's `parameters`). */
	readonly retryAfterSeconds?: number;
	/** `malformed`: which of the service's broken shapes. */
	readonly shape?: string;
	/** How many calls are affected before the service is well again; absent = until changed. */
	readonly times?: number;
	/** Only calls of this client (ChatFlow, Telegram). */
	readonly client?: string;
	/** Only these Telegram methods or these models; lower case. */
	readonly only?: readonly string[];
}

export const WELL: Fault = { mode: 'ok' };

/** One service's present fault; `take` consumes one of its `times`. */
export class FaultSwitch {
	private fault: Fault = WELL;

	constructor(private readonly onChange: () => void) {}

	get current(): Fault {
		return this.fault;
	}

	set(fault: Fault): void {
		this.fault = fault;
		this.onChange();
	}

	/** The fault for a call of this client and method (or model). */
	take(client: string | null, subject: string): Fault {
		const fault = this.fault;
		if (fault.mode === 'ok') return fault;
		if (fault.client !== undefined && fault.client !== client) return WELL;
		if (fault.only !== undefined && !fault.only.includes(subject.toLowerCase())) return WELL;
		if (fault.times !== undefined) {
			if (fault.times <= 1) this.set(WELL);
			else this.set({ ...fault, times: fault.times - 1 });
		}
		return fault;
	}
}

/**
 * Carries out the parts that do not depend on the service: waiting, hanging, dropping the connection.
 *
 * @returns false when the request is finished here and the handler must return
 */
export async function passFault(fault: Fault, reply: FastifyReply): Promise<boolean> {
	if (fault.mode === 'slow') {
		const delayMs = fault.delayMs ?? 5_000;
		await new Promise<void>((resolve) => {
			const timer = setTimeout(resolve, delayMs);
			reply.raw.once('close', () => {
				clearTimeout(timer);
				resolve();
			});
		});
		// A caller that gave up during the wait gets nothing, and nothing happens on its behalf.
		if (reply.raw.destroyed) {
			reply.hijack();
			return false;
		}
	}
	if (fault.mode === 'hang') {
		reply.hijack();
		return false;
	}
	if (fault.mode === 'reset') {
		dropConnection(reply);
		return false;
	}
	return true;
}

/** Closes the connection without an answer: the caller cannot know whether the call was carried out. */
export function dropConnection(reply: FastifyReply): void {
	reply.hijack();
	reply.raw.socket?.destroy();
}
