/** `npm run eval -- dialogues DIR`: conversations written as tables, through the real flow. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { Command, CommanderError, Option } from 'commander';

import { type Dialogue, parseDialogues } from '../../lib/eval/dialogue-table';
import { EvalProblem } from './eval-problem';
import { withEvalStack } from './eval-stack';
import { readText } from './read-rows';
import { runDialogues, type DialogueResult } from './run-dialogues';

const EXIT = { ok: 0, failed: 1, usage: 64 } as const;

const HELP = `
The table of one conversation (Markdown; every "##" heading is a new customer):

  ## Цена маникюра
  | клиент пишет                          | ответ содержит | ответ не содержит | итог  |
  |---------------------------------------|----------------|-------------------|-------|
  | Здравствуйте! Сколько стоит маникюр?  | 5 000          | скидка            | ответ |
  | А педикюр?                            | 7 000          |                   | ответ |

Phrases are separated by ";", alternatives by " / ". Outcomes: ответ, менеджер, удержано, без ответа ("ответ / менеджер": both are right).
"[менеджер] текст" in the first cell is a manager who writes to the customer, "[решено]" the button that ends the handover.

A stack of its own is started for the run (n8n, PostgreSQL, sandbox) and removed afterwards; the burst wait is shortened.

Exit codes: 0 all conversations went as written, 1 some did not, 64 usage

Examples:
  npm run eval -- dialogues test/eval/dialogues
  npm run eval -- dialogues my-salon/dialogues/prices.md --json`;

/** Reads a file or all Markdown files of a folder. @throws EvalProblem with every problem of every file */
export function loadDialogues(location: string): readonly Dialogue[] {
	if (!existsSync(location)) throw new EvalProblem(`There is no file or folder ${location}.`);
	const files = statSync(location).isDirectory()
		? readdirSync(location)
				.filter((name) => name.endsWith('.md') && !/^readme\.md$/iu.test(name))
				.sort()
				.map((name) => path.join(location, name))
		: [location];
	if (files.length === 0) throw new EvalProblem(`${location} holds no Markdown files.`);
	const parsed = files.map((file) => parseDialogues(readText(file), path.basename(file)));
	const problems = parsed.flatMap((one) => (one.ok ? [] : one.problems));
	if (problems.length > 0) throw new EvalProblem(problems.join('\n'));
	return parsed.flatMap((one) => (one.ok ? one.dialogues : []));
}

/** Entry point of the evaluation. */
export async function run(args: readonly string[]): Promise<number> {
	const program = new Command('npm run eval -- dialogues')
		.description('Plays conversations written as tables through the real flow with the demo salon.')
		.argument('<dir>', 'folder of Markdown files, or one file')
		.addOption(
			new Option('--model <choice>', 'off: no model, knowledge is quoted; sandbox: the stand-in writes')
				.choices(['off', 'sandbox'])
				.default('off'),
		)
		.option('--json', 'print one JSON object on standard output')
		.addHelpText('after', HELP)
		.allowExcessArguments(false)
		.exitOverride();
	try {
		program.parse([...args], { from: 'user' });
	} catch (error) {
		if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
		throw error;
	}
	const dialogues = loadDialogues(program.args[0] ?? '');
	const results = await withEvalStack(
		program.opts<{ model: 'off' | 'sandbox' }>().model,
		async (stack) =>
			await runDialogues(stack, dialogues, (result) =>
				process.stderr.write(`${result.ok ? 'ok  ' : 'FAIL'} ${result.file}: ${result.title}\n`),
			),
	);
	const summary = summarizeDialogues(results);
	if (program.opts<{ json?: boolean }>().json)
		process.stdout.write(`${JSON.stringify({ ...summary, results }, null, 2)}\n`);
	else {
		for (const result of results.filter(({ ok }) => !ok)) process.stdout.write(describeFailure(result));
		process.stdout.write(
			`${summary.passed} of ${summary.dialogues} conversations went as written (${summary.rows} messages, ${summary.failedRows} of them not)\n`,
		);
	}
	return summary.passed === summary.dialogues ? EXIT.ok : EXIT.failed;
}

/** Counts over all conversations. */
export function summarizeDialogues(results: readonly DialogueResult[]): {
	readonly dialogues: number;
	readonly passed: number;
	readonly rows: number;
	readonly failedRows: number;
} {
	const rows = results.flatMap((result) => result.rows);
	return {
		dialogues: results.length,
		passed: results.filter(({ ok }) => ok).length,
		rows: rows.length,
		failedRows: rows.filter(({ problems }) => problems.length > 0).length,
	};
}

/** What went wrong in one conversation, for people. */
export function describeFailure({ file, title, rows }: DialogueResult): string {
	const lines = rows.flatMap((row) =>
		row.problems.length === 0
			? []
			: [
					`  line ${row.line}: ${row.says}`,
					`    reply: ${row.reply ?? '(none)'}`,
					...row.problems.map((problem) => `    ! ${problem}`),
				],
	);
	return `${file}: ${title}\n${lines.join('\n')}\n\n`;
}
