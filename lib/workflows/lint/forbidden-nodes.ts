import { perNode } from './lint-rule';
import { isCode } from './node-kinds';

/** Packages whose nodes a stack has: our own and n8n's. `CUSTOM.` is a developer's folder. */
const PACKAGE = /^(?:n8n-nodes-base|@n8n\/n8n-nodes-langchain|n8n-nodes-truffles)\./;

const FORBIDDEN: readonly { readonly pattern: RegExp; readonly why: string }[] = [
	{
		pattern: /^n8n-nodes-base\.(?:executeCommand|ssh|readWriteFile|readBinaryFiles?|writeBinaryFile)$/,
		why: 'reaches the machine n8n runs on and is off in n8n 2; use a script or a node of the package',
	},
	{
		pattern: /^n8n-nodes-base\.(?:function|functionItem|cron|interval|start)$/,
		why: 'is an old node that n8n keeps only for old workflows; use its successor (Code, Schedule Trigger)',
	},
];
const PROGRAMS_FROM_TEXT =
	/\b(?:eval|exec|execSync|spawn|spawnSync)\s*\(|\bnew\s+Function\b|\bchild_process\b|\bprocess\.env\b|\$env\b/;

/** Nodes that work on one machine only, or run whatever an item says. */
export const forbiddenNodes = perNode({
	code: 'forbidden-nodes',
	line: 'Only nodes of n8n and of this package, none that reaches the machine (Execute Command, SSH, files) or is kept for old workflows, and no code that runs text (`eval`, `new Function`), starts programs or reads the environment.',
	check: (node, report) => {
		if (!PACKAGE.test(node.type))
			report(`is of type ${node.type}, which no stack has; use n8n's nodes or those of n8n-nodes-truffles`);
		for (const { pattern, why } of FORBIDDEN) if (pattern.test(node.type)) report(why);
		if (!isCode(node)) return;
		for (const text of Object.values(node.parameters)) {
			const found = typeof text === 'string' ? PROGRAMS_FROM_TEXT.exec(text) : null;
			if (found !== null) report(`its code uses "${found[0].trim()}"; move the work to lib`);
		}
	},
});
