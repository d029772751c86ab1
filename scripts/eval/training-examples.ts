/** The examples that the package's classifiers are trained on. */
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';

import type { LabelledMessage } from '../../lib/classify/local-classifier';
import { readIntentRow } from '../../lib/eval/intent-rows';
import { INTENTS } from '../../lib/item/turn-item';
import { readRows, readText as readExisting } from './read-rows';

const LIB = path.join(__dirname, '../../lib');
const FOLDER = path.join(LIB, 'classify/training');
/** Where the classifier of intents is stored. */
export const INTENT_MODEL_FILE = path.join(LIB, 'classify/base-model.json');
/** Where the classifier of languages is stored. */
export const LANGUAGE_MODEL_FILE = path.join(LIB, 'language/language-model.json');

const LANGUAGES: readonly string[] = ['ru', 'kk', 'en', 'mixed'];

export interface TrainingExample extends LabelledMessage {
	/** ru, kk, en or mixed */
	readonly language: string;
}

/** All examples, file by file in the order of the names. Throws an EvalProblem for lines that are wrong. */
export function readTrainingExamples(): readonly TrainingExample[] {
	return readdirSync(FOLDER)
		.filter((name) => name.endsWith('.jsonl'))
		.sort()
		.flatMap((name) => readRows(path.join(FOLDER, name), readExample));
}

function readExample(value: unknown): { readonly row: TrainingExample } | { readonly problem: string } {
	const read = readIntentRow(value);
	if ('problem' in read) return read;
	const { text, labels, language } = read.row;
	const unknown = labels.filter((label) => !(INTENTS as readonly string[]).includes(label));
	if (unknown.length > 0) return { problem: `there is no intent ${unknown.join(', ')}` };
	if (language === null || !LANGUAGES.includes(language))
		return { problem: `"language" must be one of ${LANGUAGES.join(', ')}` };
	return { row: { text, labels, language } };
}

/** Text of a file, empty when it is not there yet. */
export function readText(file: string): string {
	return existsSync(file) ? readExisting(file) : '';
}
