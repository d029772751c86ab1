/** How our gateway answers a stranger through the public address. The adapter is `lib/adapters/gateway-probe.ts`. */
export type ProbeAnswer =
	/** The gateway itself answered; `packageVersion` when its front door told it. */
	| { readonly kind: 'gateway'; readonly packageVersion: string | null }
	/** Something else answered, or nothing; `problem` says what, without the address. */
	| { readonly kind: 'none'; readonly problem: string };

export interface GatewayProbe {
	/** One unauthenticated message for a business that does not exist. Never throws, stores nothing. */
	ask(): Promise<ProbeAnswer>;
}
