/** A mistake in what the user gave: arguments, files, lines. Shown without a stack; exit code 64. */
export class EvalProblem extends Error {}
