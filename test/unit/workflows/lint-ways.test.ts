import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readWorkflowFolder, type WorkflowFolder } from '../../../lib/adapters/workflow-files';
import { findProblems, LINT_RULES } from '../../../lib/workflows/lint/lint-workflows';
import { isStep } from '../../../lib/workflows/lint/node-kinds';
import { mainOutputCount } from '../../../lib/workflows/lint/node-outputs';
import type { WorkflowFile, WorkflowJson } from '../../../lib/workflows/workflow-file';
import { connect, mutableCopy, newNode, replaced } from './lint-support';

/** The rules that follow items, asked about every single connection that somebody could draw by mistake. */
const WORKFLOWS = join(__dirname, '..', '..', '..', 'workflows');
let folder: WorkflowFolder;

beforeAll(async () => {
	folder = await readWorkflowFolder(WORKFLOWS);
});

/** Every output of every step of a workflow, each led to `target` in a copy; which of them the rules notice. */
function noticed(key: string, target: string, codes: readonly string[]): { noticed: string[]; unnoticed: string[] } {
	const file = folder.files.find((candidate) => candidate.key === key) as WorkflowFile;
	const result = { noticed: [] as string[], unnoticed: [] as string[] };
	for (const node of file.json.nodes.filter(isStep)) {
		const outputs = (mainOutputCount(node) ?? 0) + Number(node.onError === 'continueErrorOutput');
		for (let output = 0; output < outputs; output += 1) {
			const json = mutableCopy(file);
			connect(json, node.name, output, target);
			const problems = findProblems(replaced(folder.files, key, json), folder.inventory);
			const isNoticed = problems.some((problem) => codes.includes(problem.code));
			result[isNoticed ? 'noticed' : 'unnoticed'].push(`${node.name} ${output}`);
		}
	}
	return result;
}

test('in 6, only what the guard passed may be led to sending', () => {
	const ways = noticed('6_GenerateResponse', 'Call 8_Send_Response', ['guarded-replies']);
	expect(ways.unnoticed).toEqual([
		// No draft is on the item yet: 8 refuses an item without a reply.
		'When called by 5_ClassifyIntent 0',
		'Reply allowed? 0',
		'Rewritten reply allowed? 0',
		// What reached 8 was passed.
		'Call 8_Send_Response 0',
		'Call 8_Send_Response 1',
		// The turn is over: fallback text and handover are recorded.
		'Fail turns 0',
		'Fail turns 1',
	]);
	expect(ways.noticed.length).toBeGreaterThan(25);
});

test('in 2, only an opened turn that is not held may be led to answering', () => {
	const ways = noticed('2_Parse_Normalize', 'Call 3_WhatsApp_Adapter', ['take-over', 'call-inputs']);
	expect(ways.unnoticed).toEqual(['Open conversation 0', 'Call 3_WhatsApp_Adapter 0', 'Call 3_WhatsApp_Adapter 1']);
	expect(ways.noticed.length).toBeGreaterThan(8);
});

test('a person who took over is not answered from 7 either', () => {
	const files = folder.files.map((file): WorkflowFile => {
		if (file.key !== '7_Handover') return file;
		const json = mutableCopy(file);
		const call = json.nodes.find((node) => node.name === 'Call 8_Send_Response');
		if (call !== undefined) call.parameters.workflowId = { __rl: true, mode: 'list', value: '6_GenerateResponse' };
		return { key: file.key, json: json as unknown as WorkflowJson };
	});
	const messages = findProblems(files, folder.inventory).filter((problem) => problem.code === 'take-over');
	expect(messages.map((problem) => problem.key)).toContain('6_GenerateResponse');
});

/** Rules that an example for one node keeps too; the others are about the flow of a message. */
const OF_EXAMPLES = [
	'no-secrets',
	'no-hosts',
	'tenant-sql',
	'open-outputs',
	'connections',
	'reachable-nodes',
	'forbidden-nodes',
	'code-size',
	'node-ids',
	'webhook-ids',
	'forbidden-keys',
	'inactive',
	'execution-settings',
	'grid',
];

test('the examples are ones to follow', () => {
	const files = readdirSync(join(WORKFLOWS, 'examples')).map((name): WorkflowFile => {
		const json = JSON.parse(readFileSync(join(WORKFLOWS, 'examples', name), 'utf8')) as WorkflowJson;
		return { key: name.replace('.json', ''), json };
	});
	const rules = LINT_RULES.filter((rule) => OF_EXAMPLES.includes(rule.code));
	expect(rules).toHaveLength(OF_EXAMPLES.length);
	expect(rules.flatMap((rule) => rule.check({ files, inventory: [] }))).toEqual([]);
});

describe('a circle of calls', () => {
	/** 8 calls 7, which calls 8. */
	const circle = (notes?: string): string[] => {
		const file = folder.files.find((candidate) => candidate.key === '8_Send_Response') as WorkflowFile;
		const json = mutableCopy(file);
		const call = newNode('n8n-nodes-base.executeWorkflow', 'Call 7_Handover', {
			workflowId: { __rl: true, mode: 'list', value: '7_Handover' },
		});
		json.nodes.push({ ...call, ...(notes === undefined ? {} : { notes }) });
		return findProblems(replaced(folder.files, file.key, json), folder.inventory)
			.filter((problem) => ['call-cycles', 'silences'].includes(problem.code))
			.map((problem) => `${problem.key} ${problem.node} ${problem.code}`);
	};

	test('is named at both of its calls', () => {
		expect(circle()).toEqual([
			'7_Handover Call 8_Send_Response call-cycles',
			'8_Send_Response Call 7_Handover call-cycles',
		]);
	});

	test('that is declared with a reason on one call is accepted', () => {
		expect(circle('lint-ignore call-cycles: a refused message goes to a manager, who answers once')).toEqual([]);
	});

	test('that is declared without a reason is not', () => {
		expect(circle('lint-ignore call-cycles')).toEqual([
			'8_Send_Response Call 7_Handover call-cycles',
			'8_Send_Response Call 7_Handover silences',
		]);
	});
});
