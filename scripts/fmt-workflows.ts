import { readFile, rename, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Command, CommanderError } from 'commander';
import { listWorkflowFileNames } from '../lib/adapters/workflow-files';
import { formatWorkflow } from '../lib/workflows/format-workflow';

const EXIT = { done: 0, failed: 1, pending: 2, usage: 64 } as const;

const program = new Command('fmt-workflows')
	.description('Writes the workflow files with keys in one order, two spaces, LF. Loses no key that a file may hold.')
	.option('--dry-run', 'write nothing; exit 2 when a file would change', false)
	.option('--json', 'print {changed, unchanged} as one JSON object', false)
	.option('--dir <folder>', 'folder with the workflow files', join(resolve(__dirname, '..'), 'workflows'))
	.addHelpText(
		'after',
		`
Exit codes
  0 all files are formatted   1 failed   2 files would change (--dry-run)   64 usage

Examples
  npm run fmt-workflows
  npm run fmt-workflows -- --dry-run
  npm run fmt-workflows -- --dir /tmp/exported`,
	)
	.exitOverride();

async function main(argv: readonly string[]): Promise<number> {
	program.parse([...argv], { from: 'user' });
	const flags = program.opts<{ dryRun: boolean; json: boolean; dir: string }>();
	const changed: string[] = [];
	const unchanged: string[] = [];
	for (const name of await listWorkflowFileNames(flags.dir)) {
		const path = join(flags.dir, name);
		const before = await readFile(path, 'utf8');
		const after = formatWorkflow(JSON.parse(before) as unknown);
		(before === after ? unchanged : changed).push(name);
		if (before === after || flags.dryRun) continue;
		await writeFile(`${path}.tmp`, after);
		await rename(`${path}.tmp`, path);
	}
	if (flags.json) console.log(JSON.stringify({ changed, unchanged }, null, 2));
	else {
		for (const name of changed) console.log(flags.dryRun ? `${name} would change` : `${name} formatted`);
		console.log(`${changed.length} changed, ${unchanged.length} unchanged`);
	}
	return flags.dryRun && changed.length > 0 ? EXIT.pending : EXIT.done;
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
