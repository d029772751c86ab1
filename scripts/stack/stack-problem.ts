/** Exit codes of `npm start` and `npm run chat` (shared style: 0, 1, 3, 4, 64). */
export const EXIT = {
	ok: 0,
	/** The work itself failed: a check message got the wrong answer, a turn had no outcome. */
	failed: 1,
	/** Something of the machine: no network, no disk, a port in use. */
	environment: 3,
	/** The state forbids it: no stack runs, or one runs already. */
	conflict: 4,
	usage: 64,
} as const;

/** A problem the user can act on: its message is the one line to print, and says what to do next. */
export class StackProblem extends Error {
	readonly exitCode: number;

	constructor(message: string, exitCode: number = EXIT.environment, cause?: unknown) {
		super(message, cause === undefined ? undefined : { cause });
		this.name = 'StackProblem';
		this.exitCode = exitCode;
	}
}

/** The line to print for anything that was thrown; problems of ours without a stack, everything else with its first line. */
export function problemLine(error: unknown): string {
	if (error instanceof StackProblem) return error.message;
	if (!(error instanceof Error)) return String(error);
	if ('code' in error && error.code === 'ENOSPC')
		return 'No space left on the disk. Free some space and run the command again.';
	return error.message;
}
