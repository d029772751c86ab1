/** `npm run chaos`: a stream of customers through the real stack while everything around it fails. Parses, runs, prints, exits. */
import { randomInt } from 'node:crypto';

import { Command, CommanderError, InvalidArgumentError } from 'commander';

import { applyChaosSettings } from './chaos/chaos-settings';
import { formatReport, isGood, reportJson } from './chaos/chaos-text';
import { runChaos } from './chaos/run-chaos';
import { startChaosWorld } from './chaos/world/chaos-world';
import { EXIT, problemLine, StackProblem } from './stack/stack-problem';
import { ensureRedisServer } from './suites/redis-server';

const DEFAULT_MESSAGES = 1_000;
const MOST_MESSAGES = 1_000_000;
const MOST_SEED = 2 ** 31 - 1;
const EXIT_BAD = 1;

interface Flags {
	readonly messages: number;
	readonly seed?: number;
	readonly json: boolean;
}

const program = new Command('npm run chaos --')
	.description(
		'Runs the real n8n, PostgreSQL, Redis and the sandbox under a stream of customers, kills and breaks them meanwhile, and checks that nothing was lost, doubled, overtaken, said over a person or mixed up.',
	)
	.option('--messages <n>', 'messages of customers', wholeNumber(1, MOST_MESSAGES), DEFAULT_MESSAGES)
	.option(
		'--seed <s>',
		'repeats the stream and the faults of an earlier run (default: a new one)',
		wholeNumber(0, MOST_SEED),
	)
	.option('--json', 'print one JSON object', false)
	.addHelpText(
		'after',
		`
300 messages take about three minutes on two free cores; the stream of 10,000 alone is planned for nineteen. Everything runs
in a folder of its own, on free ports, and is removed afterwards. What each column means: docs/chaos.md. Progress on stderr, the result on stdout.

Exit codes: 0 every bad column is zero, 1 one is not, something was never accepted or is not finished, or the run failed, 3 the machine (network, disk), 64 usage

Examples:
  npm run chaos
  npm run chaos -- --messages 300 --seed 7
  npm run chaos -- --messages 10000 --json`,
	)
	.allowExcessArguments(false)
	.exitOverride();

function wholeNumber(least: number, most: number): (text: string) => number {
	return (text) => {
		const number = Number(text);
		if (!/^\d+$/.test(text) || number < least || number > most)
			throw new InvalidArgumentError(`expected a whole number from ${least} to ${most}`);
		return number;
	};
}

async function main(): Promise<number> {
	program.parse(process.argv.slice(2), { from: 'user' });
	const { messages, json, seed = randomInt(MOST_SEED) } = program.opts<Flags>();
	const onLine = (line: string): void => void process.stderr.write(`${line}\n`);
	const installed = ensureRedisServer(process.env);
	if (installed !== null) onLine(installed);
	const world = await startChaosWorld({ redis: true, onLine });
	try {
		await applyChaosSettings(world);
		const { report } = await runChaos(world, { messages, seed });
		process.stdout.write(json ? `${JSON.stringify(reportJson(report), null, 2)}\n` : formatReport(report));
		return isGood(report) ? EXIT.ok : EXIT_BAD;
	} finally {
		await world.stop();
	}
}

main().then(
	(code) => process.exit(code),
	(error: unknown) => {
		if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? EXIT.ok : EXIT.usage);
		process.stderr.write(`${problemLine(error)}\n`);
		process.exit(error instanceof StackProblem ? error.exitCode : EXIT_BAD);
	},
);
