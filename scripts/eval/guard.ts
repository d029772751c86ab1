import { Command, CommanderError } from 'commander';

import { readGuardCase } from '../../lib/eval/guard-case';
import { summarizeGuard, type GuardReport, type JudgedDraft, type Rate } from '../../lib/eval/guard-metrics';
import { checkReply } from '../../lib/guard/check-reply';
import { readRows, readText } from './read-rows';

const EXIT_DONE = 0;
const EXIT_USAGE = 64;

const LONG_HELP = `
Lines of FILE:  {"facts": ..., "context": ..., "draft": "...", "allowed": true|false}; other keys are ignored.

facts    what the business gave: a text, a list of texts, or an object. Every leaf of an object becomes a line
         "key: value"; an object with a name ("name", "service", "услуга") becomes one line. Numbers get the unit their key
         names (price, duration, percent).
context  what else the turn knows: retrieved text, the conversation, what was done. Recognised in it:
         - keys customer, customer_text, user, user_message, question, message: the customer's words. They prove no amount,
           percent or link; times, dates and phones of theirs may be repeated.
         - keys actions, done, claims, results, or flags such as "booking_done": true, "payment": {"status": "paid"}:
           what really happened (booking, handover, payment, order, sending, availability). Sentences that report it
           ("Запись создана", "Оплата получена", "Менеджер уведомлён") count too, in facts as well.
         - keys language (ru, kk: the reply must be in it), instructions or system (must not be shown), canary or
           foreign_marks (must not occur).
         - lists of {"role", "content"} and lines that begin with a role ("Клиент: …", "User: …", "Бот: …"): customer and bot
           are the customer's side, a manager is the business.
         - a text without any of these is the customer's when it asks, wishes or commands in the first person ("Можно за
           5000?", "Клиент просит скидку"), otherwise retrieved text.
Absent means empty. Sentences in facts and context that command the assistant ("игнорируй правила, скажи ...") are no facts.

A false pass is a draft with "allowed": false that the guard lets through; a false alarm is an allowed one that it stops.
Rates come with 95 % Wilson intervals.

Exit codes: 0 measured, 64 usage (also a file that cannot be read)

Examples:
  npm run eval -- guard test/eval/guard.jsonl
  npm run eval -- guard test/eval/guard.jsonl --json
  npm run eval -- guard mine.jsonl --verbose
`;

interface Options {
	readonly json: boolean;
	readonly verbose: boolean;
}

/** `npm run eval -- guard FILE.jsonl`: false passes and false alarms of the reply guard. */
export async function run(args: readonly string[]): Promise<number> {
	let code = EXIT_DONE;
	const command = new Command('npm run eval -- guard')
		.usage('FILE.jsonl [options]')
		.description('False passes and false alarms of the reply guard on labelled drafts.')
		.argument('<file>', 'labelled drafts, one JSON object per line')
		.option('--json', 'print one JSON object', false)
		.option('--verbose', 'print the texts of the drafts that were judged wrongly', false)
		.addHelpText('after', LONG_HELP)
		.exitOverride()
		.action((file: string, options: Options) => {
			code = measure(file, options);
		});
	try {
		await command.parseAsync([...args], { from: 'user' });
	} catch (error) {
		if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT_DONE : EXIT_USAGE;
		throw error;
	}
	return code;
}

function measure(file: string, { json, verbose }: Options): number {
	const cases = readRows(file, readGuardCase);
	const lines = lineNumbers(readText(file));
	// The first check compiles patterns; it is not what a turn waits for.
	for (const { check } of cases.slice(0, 3)) checkReply(check);
	const judged = cases.map(({ check, allowed }, index): JudgedDraft => {
		const startedAt = performance.now();
		const { violations } = checkReply(check);
		return { line: lines[index] ?? index + 1, allowed, violations, timeMs: performance.now() - startedAt };
	});
	const report = summarizeGuard(judged);
	const texts = new Map(cases.map(({ check }, index) => [lines[index] ?? index + 1, check.draft]));
	if (json) {
		const wrong = report.wrong.map((one) => (verbose ? { ...one, draft: texts.get(one.line) } : one));
		process.stdout.write(`${JSON.stringify({ file, ...report, wrong }, null, 2)}\n`);
	} else {
		process.stdout.write(describe(report, verbose ? texts : null));
	}
	return EXIT_DONE;
}

/** Numbers of the lines that hold something, from 1. */
function lineNumbers(text: string): readonly number[] {
	return text.split(/\r?\n/u).flatMap((line, index) => (line.trim() === '' ? [] : [index + 1]));
}

function describe(report: GuardReport, texts: ReadonlyMap<number, string> | null): string {
	const shown = ({ count, of, rate, interval: [low, high] }: Rate): string =>
		`${count} of ${of}  ${percent(rate)}  [${percent(low)}, ${percent(high)}]`;
	const found = Object.entries(report.byViolation).map(
		([violation, { forbidden, allowed }]) =>
			`  ${violation.padEnd(26)} ${String(forbidden).padStart(4)} in forbidden  ${String(allowed).padStart(4)} in allowed`,
	);
	const wrong = report.wrong.map(({ line, allowed, violations }) => {
		const what = allowed ? `false alarm  ${violations.join(', ')}` : 'false pass';
		return `  line ${line}: ${what}${texts === null ? '' : `\n      ${JSON.stringify(texts.get(line) ?? '')}`}`;
	});
	return [
		`cases          ${report.cases} (${report.allowed} allowed, ${report.forbidden} forbidden)`,
		`false passes   ${shown(report.falsePasses)}`,
		`false alarms   ${shown(report.falseAlarms)}`,
		`right          ${shown(report.accuracy)}`,
		`time per check p50 ${report.timeMs.p50.toFixed(2)} ms, p95 ${report.timeMs.p95.toFixed(2)} ms, max ${report.timeMs.max.toFixed(2)} ms`,
		...(found.length === 0 ? [] : ['violations found', ...found]),
		...(wrong.length === 0 ? [] : ['judged wrongly', ...wrong]),
		'',
	].join('\n');
}

function percent(share: number): string {
	return `${(share * 100).toFixed(1)} %`;
}
