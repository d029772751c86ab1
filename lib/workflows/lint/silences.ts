import type { WorkflowFile } from '../workflow-file';
import type { LintProblem, LintRule } from './lint-rule';
import { silencingsOf, type Silencing } from './silencings';

const CODE = 'silences';
/** A reason that a colleague can dispute has a few words. */
const MIN_REASON_CHARS = 12;

/** The rule about silencing itself. It looks at what the others found, so it is no rule like them. */
export const SILENCES: Pick<LintRule, 'code' | 'line' | 'isFinal'> = {
	code: CODE,
	line: 'A problem is silenced by a line `lint-ignore CODE: reason` in the notes of its node (in those of the first sticky for the workflow as a whole). The code exists and may be silenced, the reason has words, and there is a problem to silence: nothing stays silenced by accident.',
	isFinal: true,
};

/** Takes away what is silenced, and adds what is wrong with the silencings. */
export function applySilencings(
	files: readonly WorkflowFile[],
	problems: readonly LintProblem[],
	rules: readonly Pick<LintRule, 'code' | 'isFinal'>[],
): LintProblem[] {
	const silencings = files.flatMap(silencingsOf);
	const matches = ({ file, scope, code }: Silencing, problem: LintProblem): boolean =>
		problem.code === code && problem.key === file.key && problem.node === scope;
	const wrong = silencings.flatMap((silencing): LintProblem[] => {
		const message = whatIsWrong(
			silencing,
			rules,
			problems.some((problem) => matches(silencing, problem)),
		);
		return message === null ? [] : [{ code: CODE, key: silencing.file.key, node: silencing.node.name, message }];
	});
	const isSilenced = (problem: LintProblem): boolean =>
		silencings.some((silencing) => matches(silencing, problem) && whatIsWrong(silencing, rules, true) === null);
	return [...problems.filter((problem) => !isSilenced(problem)), ...wrong];
}

function whatIsWrong(
	{ code, reason }: Silencing,
	rules: readonly Pick<LintRule, 'code' | 'isFinal'>[],
	isUsed: boolean,
): string | null {
	const rule = rules.find((candidate) => candidate.code === code);
	if (rule === undefined) return `lint-ignore names no rule: ${JSON.stringify(code)}; write "lint-ignore CODE: reason"`;
	if (rule.isFinal) return `${code} cannot be silenced; mend what it found`;
	if (reason.length < MIN_REASON_CHARS) return `lint-ignore ${code} gives no reason; say why behind a colon`;
	return isUsed ? null : `lint-ignore ${code} silences nothing; remove it`;
}
