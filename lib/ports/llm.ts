/** What `lib` needs from a chat model. Adapters: `lib/adapters/openai-llm.ts`, `lib/adapters/anthropic-llm.ts`. */
export interface LlmMessage {
	readonly role: 'system' | 'user' | 'assistant';
	readonly content: string;
}

export interface LlmRequest {
	readonly model: string;
	readonly messages: readonly LlmMessage[];
	readonly temperature?: number;
	readonly maxOutputTokens: number;
	readonly timeoutMs: number;
	/** Ask for a JSON object instead of prose. */
	readonly jsonObject?: boolean;
}

export type LlmResult =
	| {
			readonly kind: 'ok';
			readonly text: string;
			/** The provider's usage body as it came; `lib/billing/usage.ts` reads it. Null when there was none. */
			readonly usage: unknown;
			readonly latencyMs: number;
	  }
	| {
			readonly kind: 'refused';
			readonly status: number;
			readonly code: string;
			readonly retryAfterMs: number | null;
			/** What the other side says in `x-should-retry`; absent when it says nothing. */
			readonly shouldRetry?: boolean;
			readonly latencyMs: number;
	  }
	| { readonly kind: 'unreachable'; readonly code: 'timeout' | 'connection'; readonly latencyMs: number }
	| { readonly kind: 'malformed'; readonly code: string; readonly usage: unknown; readonly latencyMs: number };

export interface Llm {
	/** Name of the provider in the bill, for example `openai` or the host of a compatible endpoint. */
	readonly provider: string;
	/** Never throws. One attempt: the router decides on retries. */
	complete(request: LlmRequest): Promise<LlmResult>;
	/** Dense vectors, one per text, or null when the endpoint gave none. */
	embed(
		model: string,
		texts: readonly string[],
		timeoutMs: number,
	): Promise<{ vectors: number[][]; usage: unknown } | null>;
}
