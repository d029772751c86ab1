/** `npm run eval -- <kind> ...`: measures the parts that understand and answer, on anybody's labelled sets. */
import { EvalProblem } from './eval/eval-problem';

const EXIT_FAILED = 1;
const EXIT_USAGE = 64;

type Run = (args: readonly string[]) => Promise<number>;

/** Loaded when asked for: the classifier needs no database, the dialogues need a whole stack. */
const KINDS: Readonly<Record<string, { readonly what: string; readonly load: () => Promise<{ run: Run }> }>> = {
	intents: { what: 'the classifier: accuracy, F1, languages, time', load: () => import('./eval/intents') },
	retrieval: { what: 'the search: recall, MRR, nDCG, time', load: () => import('./eval/retrieval') },
	guard: { what: 'the reply guard: false passes, false alarms', load: () => import('./eval/guard') },
	injection: {
		what: 'whole turns under attack, with a model that obeys everything',
		load: () => import('./eval/injection'),
	},
	dialogues: { what: 'conversations written as tables, through the real flow', load: () => import('./eval/dialogues') },
	report: {
		what: 'all of them on the sets of this repository; writes docs/evaluation.md',
		load: () => import('./eval/report'),
	},
};

const HELP = `Usage: npm run eval -- <kind> [arguments]      npm run eval -- <kind> --help

${Object.entries(KINDS)
	.map(([kind, { what }]) => `  ${kind.padEnd(11)} ${what}`)
	.join('\n')}

Exit codes: 0 measured, 1 failed (or a bar was missed), 64 usage (also a file that cannot be read)

Examples:
  npm run eval -- intents test/eval/intents.jsonl --json
  npm run eval -- retrieval test/eval/retrieval --json
  npm run eval -- dialogues test/eval/dialogues
`;

async function main([kind, ...args]: readonly string[]): Promise<number> {
	if (kind === undefined || kind === '--help' || kind === '-h') {
		process.stdout.write(HELP);
		return kind === undefined ? EXIT_USAGE : 0;
	}
	const known = Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined;
	if (known === undefined) {
		process.stderr.write(`There is no evaluation "${kind}".\n\n${HELP}`);
		return EXIT_USAGE;
	}
	const { run } = await known.load();
	return await run(args);
}

main(process.argv.slice(2)).then(
	(code) => process.exit(code),
	(error: unknown) => {
		if (error instanceof EvalProblem) {
			process.stderr.write(`${error.message}\n`);
			process.exit(EXIT_USAGE);
		}
		process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
		process.exit(EXIT_FAILED);
	},
);
