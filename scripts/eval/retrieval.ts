/** `npm run eval -- retrieval DIR`: how well the search finds documents, on anybody's judged set. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { parse } from 'yaml';

import { retrievalFigures, type QueryRun } from '../../lib/eval/retrieval-figures';
import { parseJudgements, readSetText, type SetText } from '../../lib/eval/retrieval-set';
import { describeRetrieval } from '../../lib/eval/retrieval-text';
import { parseDomainPack, type DomainPack } from '../../lib/pack/domain-pack';
import { searchSynonyms } from '../../lib/pack/search-synonyms';
import { EvalProblem } from './eval-problem';
import { readRows, readText } from './read-rows';
import { openLexical, openQdrant, type RetrievalEngine } from './retrieval-engine';

const PACKS = path.join(__dirname, '../../packs');
const EXIT = { done: 0, usage: 64 } as const;
const WARM_UP_QUERIES = 20;
const BYTES_PER_MB = 1_048_576;

const HELP = `
DIR holds
  corpus.jsonl        {"id": "d1", "text": "...", "title": "..."}   one document per line; "title" may be absent
  queries.jsonl       {"id": "q1", "text": "..."}
  qrels.tsv           query<TAB>document<TAB>degree                 0 = not relevant; TREC's four columns will do, too
  unanswerable.jsonl  {"id": "u1", "text": "..."}                   if you like: queries that the documents do not answer

Every document is one chunk. Queries without a relevant document are skipped and counted. The ranking is measured as it
is, without the bar of relevance and the cut of weak hits; what the engine says about "nothing relevant" is measured by
itself: the share of answerable queries refused wrongly, and of unanswerable ones refused rightly.

Intervals are 95 %: bootstrap over the queries for the measures, Wilson for shares. nDCG gains are the degrees (trec_eval).

Environment (--engine qdrant):
  QDRANT_URL, QDRANT_API_KEY                                          a collection of its own is made and removed again
  OPENAI_API_KEY, OPENAI_BASE_URL, TRUFFLES_EMBEDDING_MODEL           dense vectors; without them sparse ones only

Exit codes: 0 measured   1 Qdrant or the embeddings failed   64 usage, or a file that cannot be read

Examples:
  $ npm run eval -- retrieval test/eval/retrieval
  $ npm run eval -- retrieval /data/miracl-ru --json --limit-queries 500
  $ QDRANT_URL=http://127.0.0.1:6333 npm run eval -- retrieval test/eval/retrieval --engine qdrant`;

interface Options {
	readonly json?: boolean;
	readonly engine: 'lexical' | 'qdrant';
	readonly limitQueries?: number;
	readonly domain: string;
}

/** Runs the evaluation; the result goes to standard output, an EvalProblem says what is wrong with the input. */
export async function run(args: readonly string[]): Promise<number> {
	let code: number = EXIT.done;
	const program = new Command('npm run eval -- retrieval')
		.description('Measures the search on a judged set of documents and queries.')
		.argument('<dir>', 'folder with corpus.jsonl, queries.jsonl and qrels.tsv')
		.option('--json', 'print one JSON object on standard output')
		.addOption(new Option('--engine <name>', 'engine').choices(['lexical', 'qdrant']).default('lexical'))
		.option('--limit-queries <n>', 'measure only n queries, spread evenly over the file', positiveInteger)
		.option('--domain <name>', 'domain pack in packs/ whose synonyms are used, or none', 'beauty_salon')
		.addHelpText('after', HELP)
		.exitOverride()
		.action(async (dir: string, options: Options) => {
			await evaluate(dir, options);
		});
	try {
		await program.parseAsync([...args], { from: 'user' });
	} catch (error) {
		if (!(error instanceof CommanderError)) throw error;
		code = error.exitCode === 0 ? EXIT.done : EXIT.usage;
	}
	return code;
}

async function evaluate(dir: string, options: Options): Promise<void> {
	const documents = uniqueById(readRows(path.join(dir, 'corpus.jsonl'), readSetText));
	const queries = uniqueById(readRows(path.join(dir, 'queries.jsonl'), readSetText));
	const judgements = readJudgements(path.join(dir, 'qrels.tsv'));
	const unanswerableFile = path.join(dir, 'unanswerable.jsonl');
	const unanswerable = existsSync(unanswerableFile) ? readRows(unanswerableFile, readSetText) : [];

	const judged = queries.flatMap((query) => {
		const found = judgements.get(query.id);
		return found !== undefined && [...found.values()].some((degree) => degree > 0)
			? [{ ...query, judgements: found }]
			: [];
	});
	if (judged.length === 0) throw new EvalProblem(`${dir}: no query has a relevant document in qrels.tsv.`);
	const measured = spread(judged, options.limitQueries ?? judged.length);
	const known = new Set(documents.map(({ id }) => id));
	const counts = {
		documents: documents.length,
		queries: queries.length,
		measuredQueries: measured.length,
		queriesWithoutJudgements: queries.length - judged.length,
		judgedDocumentsNotInCorpus: new Set(
			measured.flatMap(({ judgements: own }) => [...own.keys()].filter((id) => !known.has(id))),
		).size,
		unanswerableQueries: unanswerable.length,
	};

	process.stderr.write(`indexing ${documents.length} documents\n`);
	const synonyms = searchSynonyms(loadDomain(options.domain));
	const startedAt = performance.now();
	const engine =
		options.engine === 'qdrant' ? await openQdrant(documents, synonyms, process.env) : openLexical(documents, synonyms);
	const indexingMs = performance.now() - startedAt;
	const memoryMb = process.memoryUsage().rss / BYTES_PER_MB;
	try {
		process.stderr.write(`searching ${measured.length + unanswerable.length} times\n`);
		for (const { text } of measured.slice(0, WARM_UP_QUERIES)) await engine.search(text);
		const runs = [];
		for (const query of measured) runs.push({ ...(await timed(engine, query.text)), judgements: query.judgements });
		const refused: QueryRun[] = [];
		for (const query of unanswerable) refused.push(await timed(engine, query.text));
		const figures = retrievalFigures(runs, refused);
		const context = { set: dir, engine: options.engine, domain: options.domain, ...engine.details };
		const result = {
			...context,
			counts,
			indexingMs: Math.round(indexingMs),
			memoryMb: Math.round(memoryMb),
			...figures,
		};
		process.stdout.write(options.json === true ? `${JSON.stringify(result)}\n` : describeRetrieval(context, result));
	} finally {
		await engine.close();
	}
}

async function timed(engine: RetrievalEngine, query: string): Promise<QueryRun> {
	const startedAt = performance.now();
	const found = await engine.search(query);
	return { ...found, milliseconds: performance.now() - startedAt };
}

function readJudgements(file: string): ReadonlyMap<string, ReadonlyMap<string, number>> {
	const { byQuery, problems } = parseJudgements(readText(file), path.basename(file));
	if (problems.length > 0) throw new EvalProblem(problems.join('\n'));
	return byQuery;
}

/** Collections repeat a line now and then; the first one counts. */
function uniqueById(rows: readonly SetText[]): readonly SetText[] {
	const seen = new Set<string>();
	return rows.filter(({ id }) => !seen.has(id) && seen.add(id));
}

function spread<T>(items: readonly T[], count: number): readonly T[] {
	if (count >= items.length) return items;
	const step = items.length / count;
	return Array.from({ length: count }, (_, at) => items[Math.floor(at * step)]).filter((item) => item !== undefined);
}

function loadDomain(name: string): DomainPack | null {
	if (name === 'none') return null;
	const file = path.join(PACKS, `${path.basename(name)}.yaml`);
	const parsed = parseDomainPack(parse(readText(file)));
	if (!parsed.ok) throw new EvalProblem(`${file}: ${parsed.problems.join('; ')}`);
	return parsed.pack;
}

function positiveInteger(value: string): number {
	const number = Number(value);
	if (!Number.isInteger(number) || number < 1) throw new InvalidArgumentError('a whole number from 1 is expected.');
	return number;
}
