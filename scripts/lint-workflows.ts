/** `npm run lint-workflows`: reads the workflow files, asks `lib/workflows/lint`, prints, exits. */
import { execFileSync } from 'node:child_process';
import { join, relative, resolve } from 'node:path';
import { Command, CommanderError } from 'commander';
import { listWorkflowFileNames, readWorkflowFolder } from '../lib/adapters/workflow-files';
import type { LintProblem } from '../lib/workflows/lint/lint-rule';
import { findProblems, RULE_LINES } from '../lib/workflows/lint/lint-workflows';
import { parseWorkflowFile, type WorkflowFile } from '../lib/workflows/workflow-file';

const EXIT = { done: 0, failed: 1, usage: 64 } as const;

interface Flags {
	readonly json: boolean;
	readonly quiet: boolean;
	readonly explain?: string;
	readonly since?: string;
	readonly dir: string;
}

const program = new Command('npm run lint-workflows --')
	.description('Checks the workflow files across each other. Changes nothing, calls nothing.')
	.option('--json', 'print {files, problems: [{code, key, node, message}]} as one JSON object', false)
	.option('--quiet', 'print problems only, no summary', false)
	.option('--explain <code>', 'print what a rule asks for and why, and check nothing; "all" prints every rule')
	.option('--since <ref>', 'git commit to compare node and webhook ids with, for example origin/main')
	.option(
		'--dir <folder>',
		'folder with the workflow files and credentials.json',
		join(resolve(__dirname, '..'), 'workflows'),
	)
	.addHelpText(
		'after',
		`
A problem is printed as "file: node: CODE message, what to do". It is silenced, with a reason, by a line in the notes of
its node: "lint-ignore CODE: reason" (in the notes of the first sticky for the workflow as a whole).

Rules (docs/workflow-rules.md): ${RULE_LINES.map((rule) => rule.code).join(', ')}

Exit codes
  0 no problems   1 problems found, or the folder cannot be read   64 usage

Examples
  npm run lint-workflows
  npm run lint-workflows -- --json --since origin/main
  npm run lint-workflows -- --explain guarded-replies`,
	)
	.allowExcessArguments(false)
	.exitOverride();

/** A question that cannot be answered; the message says what can be asked. */
class UsageProblem extends Error {}

async function main(argv: readonly string[]): Promise<number> {
	program.parse([...argv], { from: 'user' });
	const flags = program.opts<Flags>();
	if (flags.explain !== undefined) return explain(flags.explain, flags.json);

	const folder = await readWorkflowFolder(flags.dir);
	// A file without a shape would break the rules; its shape comes first.
	const problems: LintProblem[] =
		folder.problems.length > 0
			? folder.problems.map((problem) => ({ ...problem, node: null }))
			: findProblems(folder.files, folder.inventory, await filesSince(flags));
	if (flags.json) console.log(JSON.stringify({ files: folder.files.length, problems }, null, 2));
	else {
		for (const problem of problems) console.log(problemLine(problem));
		if (!flags.quiet)
			console.log(
				`${folder.files.length} workflows, ${problems.length} ${problems.length === 1 ? 'problem' : 'problems'}`,
			);
	}
	return problems.length === 0 ? EXIT.done : EXIT.failed;
}

/** The workflow files as they were in a commit; those that did not exist then are left out. */
async function filesSince({ since, dir }: Flags): Promise<WorkflowFile[]> {
	if (since === undefined) return [];
	const git = (...args: string[]): string =>
		execFileSync('git', args, { cwd: dir, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], maxBuffer: Infinity });
	let root: string;
	try {
		root = git('rev-parse', '--show-toplevel').trim();
		git('rev-parse', '--verify', '--quiet', '--end-of-options', `${since}^{commit}`);
	} catch {
		throw new UsageProblem(`"${since}" is no commit of a git repository around ${dir}.`);
	}
	const folder = relative(root, resolve(dir));
	return (await listWorkflowFileNames(dir)).flatMap((name) => {
		try {
			const parsed = parseWorkflowFile(name, git('show', `${since}:${join(folder, name)}`));
			return parsed.ok ? [parsed.file] : [];
		} catch {
			return [];
		}
	});
}

function problemLine({ key, node, code, message }: LintProblem): string {
	const file = key === null ? 'credentials.json' : `${key}.json`;
	return `${file}: ${node === null ? '' : `${node}: `}${code} ${message}`;
}

function explain(code: string, asJson: boolean): number {
	const rules = RULE_LINES.filter((rule) => code === 'all' || rule.code === code);
	if (rules.length === 0)
		throw new UsageProblem(
			`There is no rule "${code}". Known: all, ${RULE_LINES.map((rule) => rule.code).join(', ')}.`,
		);
	if (asJson)
		console.log(JSON.stringify(rules.map(({ code: name, line, isFinal }) => ({ code: name, line, isFinal }))));
	else for (const rule of rules) console.log(`${rule.code}  ${rule.line}${rule.isFinal ? ' Cannot be silenced.' : ''}`);
	return EXIT.done;
}

main(process.argv.slice(2)).then(
	(code) => {
		process.exitCode = code;
	},
	(error: unknown) => {
		if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? EXIT.done : EXIT.usage;
		else {
			console.error(error instanceof Error ? error.message : String(error));
			process.exitCode = error instanceof UsageProblem ? EXIT.usage : EXIT.failed;
		}
	},
);
