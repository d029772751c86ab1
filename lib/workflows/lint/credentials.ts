import { collectCredentialReferences } from '../references';
import type { LintProblem, LintRule } from './lint-rule';

const CODE = 'credentials';

/** The inventory is what a person fills in before the first deploy: it must be neither short nor long. */
export const credentials: LintRule = {
	code: CODE,
	line: 'Every credential that a node names stands in `workflows/credentials.json` with type, name and purpose, and every entry there is used: the inventory is what a person fills in before the first deploy.',
	isFinal: false,
	check({ files, inventory }) {
		const problems: LintProblem[] = [];
		const used = files.flatMap(({ key, json }) =>
			collectCredentialReferences(json).map((reference) => ({ key, ...reference })),
		);
		for (const { key, nodeName, type, name } of used) {
			if (!inventory.some((entry) => entry.type === type && entry.name === name)) {
				const message = `uses the credential "${name}" (${type}), which workflows/credentials.json does not list; add it with its purpose`;
				problems.push({ code: CODE, key, node: nodeName, message });
			}
		}
		for (const { name, type } of inventory) {
			if (!used.some((reference) => reference.name === name && reference.type === type)) {
				const message = `workflows/credentials.json lists "${name}" (${type}), which no workflow uses; remove it`;
				problems.push({ code: CODE, key: null, node: null, message });
			}
		}
		return problems;
	},
};
