/** `npm run eval -- intents FILE.jsonl`: how well messages are understood, on anybody's labelled file. */
import path from 'node:path';
import { Command, CommanderError } from 'commander';
import { parse } from 'yaml';

import { classifyIntent } from '../../lib/classify/classify-intent';
import { ASK_MODEL_BELOW } from '../../lib/classify/classify-with-model';
import { trainClassifier } from '../../lib/classify/local-classifier';
import { intentFigures, type JudgedMessage } from '../../lib/eval/intent-metrics';
import { readIntentRow, type IntentRow } from '../../lib/eval/intent-rows';
import { describeFigures } from '../../lib/eval/intent-text';
import { mapLabels, parseLabelMap, type LabelMap } from '../../lib/eval/label-map';
import { INTENTS } from '../../lib/item/turn-item';
import { detectLanguage } from '../../lib/language/detect-language';
import { parseClientPack, type ClientPack } from '../../lib/pack/client-pack';
import { parseDomainPack, type DomainPack } from '../../lib/pack/domain-pack';
import { EvalProblem } from './eval-problem';
import { readRows, readText } from './read-rows';

const REPOSITORY = path.join(__dirname, '../..');
const EXIT = { done: 0, usage: 64 } as const;
/** Codes that data sets use for our languages. */
const LANGUAGES: ReadonlyMap<string, string> = new Map([
	...['ru', 'rus', 'russian'].map((code) => [code, 'ru'] as const),
	...['kk', 'kz', 'kaz', 'kazakh'].map((code) => [code, 'kk'] as const),
	...['en', 'eng', 'english'].map((code) => [code, 'en'] as const),
	...['mixed', 'mix'].map((code) => [code, 'mixed'] as const),
]);
/** Probability from which a label of a trained set counts beside the main one. */
const PRESENT_FROM = 0.5;
const SHOWN_LABELS = 12;
const WARM_UP_MESSAGES = 50;

const HELP = `
FILE holds one message per line: {"text": "...", "intent": "booking" or ["question_price", "greeting"], "language": "ru"}.
The main label comes first; "language" (ru, kk, en, mixed) may be absent. Our labels are:
  ${INTENTS.slice(0, 8).join(', ')},
  ${INTENTS.slice(8).join(', ')}

--map MAP.json translates labels of FILE before anything is measured, and those of --train, too:
  {"their label": "our label", "another": ["question_price", "booking"], "of no interest": null}
null leaves the row out. Labels that the map does not name stay as they are.

--train TRAIN.jsonl trains the local classifier on other examples and labels, as a client's own intents would be, and
tests it on FILE. Nothing of our own intents, rules or packs is used then.

A message is right when its predicted main label is the first label of its line. "any of": it is one of them.
"exact set": all labels of the message are found and no other. Intervals are Wilson's, 95 %.

Exit codes: 0 measured   64 usage, a file that cannot be read, or labels that are not known

Examples:
  $ npm run eval -- intents test/eval/intents.jsonl
  $ npm run eval -- intents theirs.jsonl --map theirs-to-ours.json --json
  $ npm run eval -- intents test.jsonl --train train.jsonl --json
  $ npm run eval -- intents shop.jsonl --domain none --client none`;

interface Options {
	readonly map?: string;
	readonly train?: string;
	readonly json?: boolean;
	readonly domain: string;
	readonly client: string;
}

type Judge = (row: IntentRow) => Pick<JudgedMessage, 'predicted' | 'confidence' | 'predictedLanguage'>;

interface Classifier {
	readonly judge: Judge;
	readonly details: Readonly<Record<string, unknown>>;
}

/** Runs the evaluation; the result goes to standard output, an EvalProblem says what is wrong with the input. */
export async function run(args: readonly string[]): Promise<number> {
	let code: number = EXIT.done;
	const program = new Command('npm run eval -- intents')
		.description('Measures the classifier of intents and languages on a labelled file.')
		.argument('<file>', 'JSON lines with "text" and "intent"')
		.option('--map <file>', 'JSON object that translates labels of the files')
		.option('--train <file>', 'JSON lines to train the local classifier on instead of our own examples')
		.option('--json', 'print one JSON object on standard output')
		.option('--domain <name>', 'domain pack in packs/, or none', 'beauty_salon')
		.option('--client <slug>', 'client pack in demo/, or none', 'demo_salon')
		.addHelpText('after', HELP)
		.exitOverride()
		.action((file: string, options: Options) => evaluate(file, options));
	try {
		await program.parseAsync([...args], { from: 'user' });
	} catch (error) {
		if (!(error instanceof CommanderError)) throw error;
		code = error.exitCode === 0 ? EXIT.done : EXIT.usage;
	}
	return code;
}

function evaluate(file: string, options: Options): void {
	const map = options.map === undefined ? new Map<string, null>() : readMap(options.map);
	const read = readRows(file, readIntentRow);
	const rows = readLanguages(file, mapLabels(read, map));
	if (rows.length === 0) throw new EvalProblem(`${file}: no row is left after ${options.map ?? 'mapping'}.`);
	const { judge, details } =
		options.train === undefined ? ours(file, rows, options) : trained(file, rows, options.train, map);
	for (const row of rows.slice(0, WARM_UP_MESSAGES)) judge(row);
	const figures = intentFigures(
		rows.map((row) => timed(judge, row)),
		ASK_MODEL_BELOW,
	);
	const context = { file, skipped: read.length - rows.length, threshold: ASK_MODEL_BELOW, ...details };
	process.stdout.write(
		options.json === true ? `${JSON.stringify({ ...context, ...figures })}\n` : describeFigures(context, figures),
	);
}

function timed(judge: Judge, row: IntentRow): JudgedMessage {
	const startedAt = performance.now();
	const judged = judge(row);
	return {
		...judged,
		milliseconds: performance.now() - startedAt,
		expected: row.labels,
		expectedLanguage: row.language,
	};
}

function ours(file: string, rows: readonly IntentRow[], options: Options): Classifier {
	requireLabels(file, rows, INTENTS, 'which is no intent of ours');
	const pack = loadClient(options.client);
	const domain = loadDomain(options.domain);
	return {
		judge: ({ text }) => {
			const classification = classifyIntent({
				text,
				history: [],
				attachments: [],
				pack,
				domain,
				previousLanguage: null,
				defaultLanguage: 'ru',
			});
			return {
				predicted: classification.intents,
				confidence: classification.confidence,
				predictedLanguage: classification.language,
			};
		},
		details: { classifier: 'ours', domain: options.domain, client: options.client },
	};
}

function trained(file: string, rows: readonly IntentRow[], trainFile: string, map: LabelMap): Classifier {
	const examples = mapLabels(readRows(trainFile, readIntentRow), map);
	if (examples.length === 0) throw new EvalProblem(`${trainFile}: no row is left after mapping.`);
	requireLabels(file, rows, new Set(examples.flatMap(({ labels }) => labels)), `which ${trainFile} does not hold`);
	const startedAt = performance.now();
	const classifier = trainClassifier(examples);
	const trainMs = Math.round(performance.now() - startedAt);
	const hasSeveral = examples.some(({ labels }) => labels.length > 1);
	return {
		judge: ({ text }) => {
			const ranked = classifier.classify(text);
			const [first] = ranked;
			const others = hasSeveral ? ranked.slice(1).filter(({ present }) => present >= PRESENT_FROM) : [];
			return {
				predicted: [...(first === undefined ? [] : [first.label]), ...others.map(({ label }) => label)],
				confidence: first?.probability ?? 0,
				predictedLanguage: detectLanguage(text),
			};
		},
		details: {
			classifier: 'trained',
			trainFile,
			trainExamples: examples.length,
			trainLabels: classifier.labels.length,
			trainMs,
		},
	};
}

function requireLabels(file: string, rows: readonly IntentRow[], known: Iterable<string>, complaint: string): void {
	const all = new Set(known);
	const unknown = [...new Set(rows.flatMap(({ labels }) => labels))].filter((label) => !all.has(label)).sort();
	if (unknown.length === 0) return;
	const shown = unknown.slice(0, SHOWN_LABELS).map((label) => `"${label}"`);
	const more = unknown.length > shown.length ? ` and ${unknown.length - shown.length} more` : '';
	const labels = unknown.length === 1 ? `the label ${shown.join('')}` : `${unknown.length} labels`;
	const list = unknown.length === 1 ? '' : `: ${shown.join(', ')}${more}`;
	throw new EvalProblem(
		`${path.basename(file)} holds ${labels}, ${complaint}${list}.\n` +
			`Known: ${[...all].sort().join(', ')}.\n` +
			'Translate or skip them with --map MAP.json ({"their label": "our label", "another": null}), or train on your own with --train TRAIN.jsonl.',
	);
}

/** Rows whose language is none of ours keep their intents and are left out of the language figure. */
function readLanguages(file: string, rows: readonly IntentRow[]): readonly IntentRow[] {
	const unknown = new Set<string>();
	const read = rows.map((row) => {
		if (row.language === null) return row;
		const code = row.language.trim().toLowerCase();
		const language = LANGUAGES.get(code) ?? null;
		if (language === null) unknown.add(code);
		return { ...row, language };
	});
	if (unknown.size > 0)
		process.stderr.write(
			`${path.basename(file)}: "language" ${[...unknown].join(', ')} is not measured; known: ru, kk, en, mixed.\n`,
		);
	return read;
}

function readMap(file: string): LabelMap {
	let data: unknown;
	try {
		data = JSON.parse(readText(file).replace(/^\uFEFF/u, ''));
	} catch (error) {
		if (error instanceof EvalProblem) throw error;
		throw new EvalProblem(`${file} is no JSON.`);
	}
	const parsed = parseLabelMap(data);
	if ('problem' in parsed) throw new EvalProblem(`${file}: ${parsed.problem}`);
	return parsed.map;
}

function loadDomain(name: string): DomainPack | null {
	if (name === 'none') return null;
	const file = path.join(REPOSITORY, 'packs', `${path.basename(name)}.yaml`);
	const parsed = parseDomainPack(parse(readText(file)));
	if (!parsed.ok) throw new EvalProblem(`${file}: ${parsed.problems.join('; ')}`);
	return parsed.pack;
}

function loadClient(slug: string): ClientPack | null {
	if (slug === 'none') return null;
	const file = path.join(REPOSITORY, 'demo', path.basename(slug), 'pack.yaml');
	const parsed = parseClientPack(parse(readText(file)));
	if (!parsed.ok) throw new EvalProblem(`${file}: ${parsed.problems.join('; ')}`);
	return parsed.pack;
}
