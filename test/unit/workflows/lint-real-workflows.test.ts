import { join } from 'node:path';
import { readWorkflowFolder, type WorkflowFolder } from '../../../lib/adapters/workflow-files';
import { findProblems, RULE_LINES } from '../../../lib/workflows/lint/lint-workflows';
import { leavesProcess } from '../../../lib/workflows/lint/node-kinds';
import type { Breaking } from './lint-breakings/breaking';
import { CALLS } from './lint-breakings/calls';
import { FAILURES } from './lint-breakings/failures';
import { FILE_AND_CANVAS } from './lint-breakings/file-and-canvas';
import { LITERALS } from './lint-breakings/literals';
import { NODES } from './lint-breakings/nodes';
import { REPLIES } from './lint-breakings/replies';
import { mutableCopy, replaced } from './lint-support';

/** Every rule must see what is wrong in OUR files, not only in fixtures written for it. */
let folder: WorkflowFolder;

beforeAll(async () => {
	folder = await readWorkflowFolder(join(__dirname, '..', '..', '..', 'workflows'));
});

test('the committed workflows break no rule', () => {
	expect([...folder.problems, ...findProblems(folder.files, folder.inventory, folder.files)]).toEqual([]);
});

const BREAKINGS: readonly Breaking[] = [...REPLIES, ...LITERALS, ...FAILURES, ...CALLS, ...NODES, ...FILE_AND_CANVAS];

for (const { rule, name, damage } of BREAKINGS) {
	test(`${rule}: ${name} is found in every workflow that can have it`, () => {
		let tried = 0;
		for (const file of folder.files) {
			const json = mutableCopy(file);
			if (!damage(json)) continue;
			tried += 1;
			const codes = findProblems(replaced(folder.files, file.key, json), folder.inventory, folder.files).map(
				(problem) => problem.code,
			);
			expect({ workflow: file.key, codes }).toEqual({ workflow: file.key, codes: expect.arrayContaining([rule]) });
		}
		expect(tried).toBeGreaterThan(0);
	});
}

test('every rule has a breaking of our own files', () => {
	const broken = new Set(BREAKINGS.map((entry) => entry.rule));
	expect(RULE_LINES.map((rule) => rule.code).filter((code) => !broken.has(code))).toEqual([]);
});

/** Without the dangling connections, which the rule `connections` would find whatever was taken away. */
test('every node that leaves the process, taken away with its connections, leaves a problem behind', () => {
	for (const file of folder.files) {
		for (const { name } of file.json.nodes.filter((node) => leavesProcess(node))) {
			const json = mutableCopy(file);
			json.nodes = json.nodes.filter((node) => node.name !== name);
			delete json.connections[name];
			for (const byType of Object.values(json.connections))
				for (const outputs of Object.values(byType))
					for (const targets of outputs) targets?.splice(0, Infinity, ...targets.filter(({ node }) => node !== name));
			const problems = findProblems(replaced(folder.files, file.key, json), folder.inventory, folder.files);
			expect({ name, count: problems.length }).not.toEqual({ name, count: 0 });
		}
	}
});
