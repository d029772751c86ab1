import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { trainIntents } from '../../lib/classify/intent-classifier';
import { intentFigures, type JudgedMessage } from '../../lib/eval/intent-metrics';
import { parseJsonLines } from '../../lib/eval/json-lines';
import { readIntentRow } from '../../lib/eval/intent-rows';
import { foldText } from '../../lib/language/fold-text';
import { trainLanguages } from '../../lib/language/language-classifier';
import {
	INTENT_MODEL_FILE,
	LANGUAGE_MODEL_FILE,
	readText,
	readTrainingExamples,
} from '../../scripts/eval/training-examples';
import { turn } from '../unit/classify/demo-salon';

const TRAIN_MS = 60_000;
const examples = readTrainingExamples();
const parsed = parseJsonLines(readFileSync(join(__dirname, 'unseen-messages.jsonl'), 'utf8'), 'unseen', readIntentRow);
const unseen = parsed.ok ? parsed.rows : [];

describe('the classifiers that the package ships', () => {
	test.each([
		['intents', INTENT_MODEL_FILE, trainIntents],
		['languages', LANGUAGE_MODEL_FILE, trainLanguages],
	] as const)(
		'%s: in step with the examples (else: npm run train-classifier)',
		(_name, file, build) => expect(JSON.stringify(build(examples)) === readText(file).trim()).toBe(true),
		TRAIN_MS,
	);

	test('no example is one of the unseen messages', () => {
		const known = new Set(examples.map(({ text }) => foldText(text)));
		expect(unseen.filter(({ text }) => known.has(foldText(text)) && foldText(text).split(' ').length > 2)).toEqual([]);
	});

	describe('on messages they were not trained on', () => {
		const rows = unseen.map(({ text, labels, language }): JudgedMessage => {
			const startedAt = performance.now();
			const classification = turn(text).classification;
			return {
				expected: labels,
				predicted: classification?.intents ?? [],
				confidence: classification?.confidence ?? 0,
				milliseconds: performance.now() - startedAt,
				expectedLanguage: language,
				predictedLanguage: classification?.language ?? null,
			};
		});
		const figures = intentFigures(rows, 0.65);

		test('read at least 93 of 100 as their author meant them', () =>
			expect(figures.accuracy.value).toBeGreaterThanOrEqual(0.93));

		test('find exactly the intents of at least 90 of 100', () =>
			expect(figures.exactSet.value).toBeGreaterThanOrEqual(0.9));

		test('name the language of at least 97 of 100', () => expect(figures.language?.value).toBeGreaterThanOrEqual(0.97));

		test('never take a complaint, a cancellation or a call for a person as something the bot answers', () => {
			const dear = ['complaint', 'reschedule_cancel', 'ask_human'];
			const missed = unseen.filter(
				({ text, labels }) => dear.includes(labels[0] ?? '') && turn(text).classification?.route !== 'handover',
			);
			expect(missed.length).toBeLessThanOrEqual(1);
		});

		test('take a few milliseconds each', () => expect(figures.medianMs).toBeLessThan(10));
	});
});
