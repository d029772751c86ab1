/**
 * `npm run train-classifier`: trains the classifiers of intents and languages on lib/classify/training/*.jsonl and stores
 * them as the JSON files that the package ships. Run it after a change of the examples, the keywords or the word groups.
 * Exit codes: 0 stored (or in step), 1 out of step (--check), 64 usage or a wrong line.
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';

import { Command } from 'commander';

import { trainIntents } from '../lib/classify/intent-classifier';
import { trainLanguages } from '../lib/language/language-classifier';
import { EvalProblem } from './eval/eval-problem';
import {
	INTENT_MODEL_FILE,
	LANGUAGE_MODEL_FILE,
	readText,
	readTrainingExamples,
	type TrainingExample,
} from './eval/training-examples';

const EXIT = { done: 0, outOfStep: 1, usage: 64 } as const;

const MODELS: readonly { readonly file: string; readonly build: (examples: readonly TrainingExample[]) => unknown }[] =
	[
		{ file: INTENT_MODEL_FILE, build: trainIntents },
		{ file: LANGUAGE_MODEL_FILE, build: trainLanguages },
	];

const HELP = `
Exit codes:
  0 stored, or in step   1 out of step (--check)   64 usage, or a line that cannot be read

Examples:
  $ npm run train-classifier
  $ npm run train-classifier -- --check`;

function train(options: { readonly check?: boolean }): number {
	const examples = readTrainingExamples();
	let isInStep = true;
	for (const { file, build } of MODELS) {
		const startedAt = performance.now();
		const json = `${JSON.stringify(build(examples))}\n`;
		const milliseconds = Math.round(performance.now() - startedAt);
		const isSame = readText(file) === json;
		isInStep &&= isSame;
		if (!isSame && options.check !== true) writeFileSync(file, json);
		const state = isSame ? 'in step' : options.check === true ? 'out of step' : 'stored';
		const size = `${Math.round(json.length / 1024)} kB`;
		console.log(`${path.basename(file)}  ${state}, ${examples.length} examples, ${milliseconds} ms, ${size}`);
	}
	return isInStep || options.check !== true ? EXIT.done : EXIT.outOfStep;
}

new Command('npm run train-classifier --')
	.description('Trains the classifiers of intents and languages that the package ships.')
	.option('--check', 'only say whether the stored classifiers are in step; exit code 1 when one is not')
	.addHelpText('after', HELP)
	.action((options: { readonly check?: boolean }) => {
		try {
			process.exitCode = train(options);
		} catch (error) {
			if (!(error instanceof EvalProblem)) throw error;
			console.error(error.message);
			process.exitCode = EXIT.usage;
		}
	})
	.parse();
