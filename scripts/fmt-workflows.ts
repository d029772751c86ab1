/** `npm run fmt-workflows`: writes the workflow files in their one form. */
import { readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Command, CommanderError } from 'commander';
import { listWorkflowFileNames } from '../lib/adapters/workflow-files';
import { formatWorkflow, withoutInstanceKeys } from '../lib/workflows/format-workflow';
import { findLosses } from '../lib/workflows/json-losses';
import { isJsonObject } from '../lib/workflows/workflow-file';

const EXIT = { done: 0, failed: 1, pending: 2, usage: 64 } as const;
/** Workflows to import by hand; formatted like the others, never deployed. */
const EXAMPLES = 'examples';

interface Flags {
	readonly check: boolean;
	readonly dryRun: boolean;
	readonly strip: boolean;
	readonly json: boolean;
	readonly quiet: boolean;
	readonly dir: string;
}

const program = new Command('npm run fmt-workflows --')
	.description('Writes the workflow files with keys in one order, two spaces, LF and a final newline. Loses nothing.')
	.option('--check', 'write nothing; exit 2 when a file would change', false)
	.option('--dry-run', 'same as --check', false)
	.option(
		'--strip',
		'also remove what belongs to an instance (ids, dates, pinned data, credential ids); active: false',
		false,
	)
	.option('--json', 'print {changed, unchanged, problems} as one JSON object', false)
	.option('--quiet', 'print only files that change or cannot be formatted', false)
	.option('--dir <folder>', 'folder with the workflow files', join(resolve(__dirname, '..'), 'workflows'))
	.addHelpText(
		'after',
		`
A file that is not JSON, or that JSON itself would lose something of (a key that occurs twice, a number with too many
digits), is left alone and named; the others are formatted.

Exit codes
  0 all files are formatted   1 failed, or a file cannot be formatted   2 files would change (--check)   64 usage

Examples
  npm run fmt-workflows
  npm run fmt-workflows -- --check
  npm run fmt-workflows -- --strip --dir exported`,
	)
	.allowExcessArguments(false)
	.exitOverride();

async function main(argv: readonly string[]): Promise<number> {
	program.parse([...argv], { from: 'user' });
	const flags = program.opts<Flags>();
	const isCheck = flags.check || flags.dryRun;
	const changed: string[] = [];
	const unchanged: string[] = [];
	const problems: string[] = [];
	for (const name of [...(await listWorkflowFileNames(flags.dir)), ...(await listExamples(flags.dir))]) {
		const path = join(flags.dir, name);
		const before = await readFile(path, 'utf8');
		const losses = findLosses(before);
		if (losses.length > 0) {
			problems.push(...losses.map((loss) => `${name}: ${loss}`));
			continue;
		}
		let json: unknown;
		try {
			json = JSON.parse(before);
		} catch (error) {
			problems.push(`${name}: is not JSON: ${error instanceof Error ? error.message : 'unreadable'}`);
			continue;
		}
		const after = formatWorkflow(flags.strip && isJsonObject(json) ? withoutInstanceKeys(json) : json);
		(before === after ? unchanged : changed).push(name);
		if (before !== after && !isCheck) await replaceFile(path, after);
	}
	if (flags.json) console.log(JSON.stringify({ changed, unchanged, problems }, null, 2));
	else {
		for (const problem of problems) console.log(problem);
		for (const name of changed) console.log(isCheck ? `${name} would change` : `${name} formatted`);
		if (!flags.quiet) console.log(`${changed.length} changed, ${unchanged.length} unchanged`);
	}
	if (problems.length > 0) return EXIT.failed;
	return isCheck && changed.length > 0 ? EXIT.pending : EXIT.done;
}

async function listExamples(dir: string): Promise<string[]> {
	const names = await readdir(join(dir, EXAMPLES)).catch(() => []);
	return names.filter((name) => name.endsWith('.json')).map((name) => join(EXAMPLES, name));
}

/** The file is either the old or the new one, also when the process dies in between. */
async function replaceFile(path: string, text: string): Promise<void> {
	await writeFile(`${path}.tmp`, text);
	await rename(`${path}.tmp`, path);
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
