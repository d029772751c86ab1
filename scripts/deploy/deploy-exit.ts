/** Exit codes of `deploy-workflows`. */
export const EXIT = { done: 0, failed: 1, pending: 2, stale: 3, blocked: 4, usage: 64 } as const;

/** The exit code of every result a report can have. */
export const EXIT_OF = {
	done: EXIT.done,
	unchanged: EXIT.done,
	failed: EXIT.failed,
	pending: EXIT.pending,
	stale: EXIT.stale,
	blocked: EXIT.blocked,
} as const;

/** A reason to stop before n8n is called; the message says what to do. */
export class UsageProblem extends Error {}
