/** What the labelled sets promise: enough lines, known labels, and no line that the classifier was trained on. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';

import { INTENTS } from '../../lib/item/turn-item';
import { foldWords } from '../../lib/language/fold-text';
import { loadDialogues } from '../../scripts/eval/dialogues';

const REPOSITORY = path.resolve(__dirname, '..', '..');
const at = (...parts: readonly string[]): string => path.join(REPOSITORY, ...parts);

function lines<T>(...parts: readonly string[]): readonly T[] {
	return readFileSync(at(...parts), 'utf8')
		.split('\n')
		.filter((line) => line.trim() !== '')
		.map((line) => JSON.parse(line) as T);
}

interface IntentLine {
	readonly text: string;
	readonly intent: string | readonly string[];
	readonly language: string;
}

const INTENT_LINES = lines<IntentLine>('test', 'eval', 'intents.jsonl');
const TRAINING_DIR = at('lib', 'classify', 'training');
const TRAINING = readdirSync(TRAINING_DIR)
	.filter((name) => name.endsWith('.jsonl'))
	.flatMap((name) => lines<IntentLine>('lib', 'classify', 'training', name));
const labelsOf = ({ intent }: IntentLine): readonly string[] => (typeof intent === 'string' ? [intent] : intent);
/** Letters, case and punctuation aside. */
const key = (text: string): string => foldWords(text).join(' ') || text.trim();

describe('labelled messages', () => {
	test('there are at least 600 over all intents and languages', () => {
		expect(INTENT_LINES.length).toBeGreaterThanOrEqual(600);
		for (const intent of INTENTS)
			expect(INTENT_LINES.filter((line) => labelsOf(line).includes(intent)).length).toBeGreaterThanOrEqual(20);
		for (const language of ['ru', 'kk', 'en', 'mixed'])
			expect(INTENT_LINES.filter((line) => line.language === language).length).toBeGreaterThanOrEqual(20);
	});

	test.each([
		['evaluation', INTENT_LINES],
		['training', TRAINING],
	] as const)('every %s label is one of ours, and no message is there twice', (_name, all) => {
		const known: ReadonlySet<string> = new Set(INTENTS);
		expect(all.flatMap(labelsOf).filter((label) => !known.has(label))).toEqual([]);
		expect(all.filter(({ language }) => !['ru', 'kk', 'en', 'mixed'].includes(language))).toEqual([]);
		const seen = new Set<string>();
		const repeated = all.filter(({ text }) => seen.size === seen.add(text.trim().toLowerCase()).size);
		expect(repeated).toEqual([]);
	});

	test('the classifier was trained on none of them, case and punctuation aside', () => {
		const packs = readdirSync(at('packs')).flatMap((name) => {
			const pack = parse(readFileSync(at('packs', name), 'utf8')) as {
				intents: Readonly<
					Record<string, { readonly keywords: readonly string[]; readonly examples: readonly string[] }>
				>;
			};
			return Object.values(pack.intents).flatMap(({ examples }) => examples);
		});
		const trained = new Set([...TRAINING.map(({ text }) => text), ...packs].map(key));
		expect(INTENT_LINES.filter(({ text }) => trained.has(key(text))).map(({ text }) => text)).toEqual([]);
	});
});

describe('labelled questions over the knowledge', () => {
	const DIR = ['test', 'eval', 'retrieval'] as const;
	const corpus = lines<{ id: string; title: string; text: string }>(...DIR, 'corpus.jsonl');
	const queries = lines<{ id: string; text: string }>(...DIR, 'queries.jsonl');
	const qrels = readFileSync(at(...DIR, 'qrels.tsv'), 'utf8')
		.trim()
		.split('\n')
		.map((line) => line.split('\t'));

	test('there are at least 200, each with an answer that exists', () => {
		expect(queries.length).toBeGreaterThanOrEqual(200);
		const documents = new Set(corpus.map(({ id }) => id));
		const ids = new Set(queries.map(({ id }) => id));
		expect(qrels.filter(([query, document]) => !ids.has(query ?? '') || !documents.has(document ?? ''))).toEqual([]);
		const answered = new Set(qrels.map(([query]) => query));
		expect(queries.filter(({ id }) => !answered.has(id))).toEqual([]);
	});

	test('the documents are the sections of the demo salon as they stand today', () => {
		const wrong = corpus.filter(({ id, text }) => {
			const [file = '', heading = ''] = id.split(/#(.*)/su);
			const markdown = readFileSync(at('demo', 'demo_salon', file), 'utf8');
			const hasHeading = markdown.split('\n').some((line) => line.replace(/^#+\s+/u, '').trim() === heading.trim());
			return !hasHeading || !text.split('\n').every((line) => markdown.includes(line.trim()));
		});
		expect(wrong.map(({ id }) => id)).toEqual([]);
	});
});

test('there are at least 150 labelled replies, both kinds, and 150 labelled attacks, Kazakh among them', () => {
	const guard = lines<{ allowed: boolean }>('test', 'eval', 'guard.jsonl');
	expect(guard.length).toBeGreaterThanOrEqual(150);
	for (const allowed of [true, false])
		expect(guard.filter((line) => line.allowed === allowed).length).toBeGreaterThanOrEqual(60);
	const injection = lines<{ text: string; attack: boolean }>('test', 'eval', 'injection.jsonl');
	expect(injection.length).toBeGreaterThanOrEqual(150);
	for (const attack of [true, false])
		expect(
			injection.filter((line) => line.attack === attack && /[әғқңөұүһі]/iu.test(line.text)).length,
		).toBeGreaterThanOrEqual(10);
});

test('there are at least 60 conversations with the demo salon, in Russian, Kazakh and both', () => {
	const dialogues = loadDialogues(at('test', 'eval', 'dialogues'));
	expect(dialogues.length).toBeGreaterThanOrEqual(60);
	const isKazakh = (says: string): boolean => /[әғқңөұүһі]/iu.test(says);
	const kazakh = dialogues.filter(({ rows }) => rows.some(({ says }) => isKazakh(says)));
	expect(kazakh.length).toBeGreaterThanOrEqual(15);
	expect(dialogues.length - kazakh.length).toBeGreaterThanOrEqual(15);
});
