/** What `lib` needs from HTTP. The adapter is `lib/adapters/fetch-http.ts`. */
export interface HttpRequest {
	readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
	readonly url: string;
	readonly headers?: Readonly<Record<string, string>>;
	readonly body?: string;
	readonly timeoutMs: number;
}

export interface HttpResponse {
	readonly status: number;
	/** Lower-case names. */
	readonly headers: Readonly<Record<string, string>>;
	readonly bodyText: string;
}

/**
 * No answer arrived. `connection`: none was made, so the other side knows of nothing. `timeout` and `interrupted` (the
 * connection ended before the answer did): we do not know whether the other side acted.
 * `detail` never holds the address or a secret.
 */
export interface HttpFailure {
	readonly kind: 'timeout' | 'connection' | 'interrupted';
	readonly detail: string;
}

export interface Http {
	/** Never throws and never follows redirects. */
	send(
		request: HttpRequest,
	): Promise<
		{ readonly ok: true; readonly response: HttpResponse } | { readonly ok: false; readonly failure: HttpFailure }
	>;
}
