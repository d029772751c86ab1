import { join, resolve } from 'node:path';
import { Command, CommanderError } from 'commander';
import { readWorkflowFolder } from '../lib/adapters/workflow-files';
import { LINT_RULES, lintWorkflows } from '../lib/workflows/lint/lint-workflows';

const EXIT = { done: 0, failed: 1, usage: 64 } as const;

const program = new Command('lint-workflows')
	.description('Checks the workflow files across each other. Changes nothing, calls nothing.')
	.option('--json', 'print {files, problems} as one JSON object', false)
	.option(
		'--dir <folder>',
		'folder with the workflow files and credentials.json',
		join(resolve(__dirname, '..'), 'workflows'),
	)
	.addHelpText(
		'after',
		`
Rules
${LINT_RULES.map((rule) => `  ${rule.name.padEnd(14)} ${rule.why}`).join('\n')}

Exit codes
  0 no problems   1 problems found   64 usage

Examples
  npm run lint-workflows
  npm run lint-workflows -- --json
  npm run lint-workflows -- --dir /tmp/exported`,
	)
	.exitOverride();

async function main(argv: readonly string[]): Promise<number> {
	program.parse([...argv], { from: 'user' });
	const flags = program.opts<{ json: boolean; dir: string }>();
	const folder = await readWorkflowFolder(flags.dir);
	const problems = folder.problems.length > 0 ? folder.problems : lintWorkflows(folder.files, folder.inventory);
	if (flags.json) console.log(JSON.stringify({ files: folder.files.length, problems }, null, 2));
	else {
		for (const { key, code, message } of problems) console.log(`${key ?? 'workflows'}: ${message} [${code}]`);
		console.log(
			`${folder.files.length} workflows, ${problems.length} ${problems.length === 1 ? 'problem' : 'problems'}`,
		);
	}
	return problems.length === 0 ? EXIT.done : EXIT.failed;
}

main(process.argv.slice(2)).then(
	(code) => {
		process.exitCode = code;
	},
	(error: unknown) => {
		if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? EXIT.done : EXIT.usage;
		else {
			console.error(error instanceof Error ? error.message : String(error));
			process.exitCode = EXIT.failed;
		}
	},
);
