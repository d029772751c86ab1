import { isExpression } from './json-values';
import { literalsOf } from './literal-texts';
import { perNode } from './lint-rule';

const SECRETS = [
	/\b(?:sk|rk|pk)[-_](?:[a-z]+[-_])*[\w-]{16,}/,
	/\beyJ[\w-]{16,}/,
	/\b(?:Bearer|Basic)\s+[\w+/=.~-]{8,}/i,
	/(?<!\d)\d{8,10}:[\w-]{30,}/,
	/\b(?:gh[pousr]_|glpat-|xox[abprs]-|AKIA|AIza|EAA)[\w-]{12,}/,
	/-----BEGIN [A-Z ]*PRIVATE KEY-----/,
	/:\/\/[^\s/:@]+:[^\s/@]+@/,
	/(?:password|passwd|secret|token|api[_-]?key)["']?\s*[:=]\s*["']?[^\s"'={}$]{6,}/i,
];
const SECRET_NAME = /(?:password|secret|token|api[-_]?key|authorization)$/i;

/** A secret in a file is known to everybody who ever cloned the repository. */
export const noSecrets = perNode({
	code: 'no-secrets',
	line: 'No key, token or password in parameters, notes and stickies, and no fixed value in a parameter of such a name: secrets live in credentials; one in a file is known to everybody who ever cloned it.',
	isFinal: true,
	check: (node, report) => {
		for (const { path, name, value } of literalsOf(node)) {
			const text = String(value);
			const isNamed = SECRET_NAME.test(name) && text !== '' && !isExpression(text);
			if (isNamed || SECRETS.some((pattern) => pattern.test(text)))
				report(`${path} holds a secret; put it into a credential and change it where it is valid`);
		}
	},
});
