/** `npm start`: the demo salon in a real n8n, until Ctrl-C; with `--check` the check messages instead. */
import { CommanderError } from 'commander';
import { loadCheckMessages, runCheckMessages, type CheckResult } from './stack/check-flow';
import { Progress } from './stack/progress';
import { QUEUE_MODE_STEP_COUNT, runStack, STEP_COUNT, type StartedStack } from './stack/run-stack';
import { withdrawStack } from './stack/running-stack';
import { Shutdown } from './stack/shutdown';
import { readStackOptions, startCommand, type StackOptions } from './stack/stack-options';
import { EXIT, problemLine, StackProblem } from './stack/stack-problem';
import { lockStart } from './stack/start-lock';
import { locateStateFolder, prepareStateFolder, type StateFolder } from './stack/state-folder';

/** One Ctrl-C arrives twice: from the terminal to the whole group, and forwarded by npm. */
const SAME_KEYPRESS_MS = 1000;
const EXIT_SIGINT = 130;

const say = (line: string): void => {
	process.stderr.write(`${line}\n`);
};

async function main(): Promise<number> {
	const command = startCommand().exitOverride();
	command.parse(process.argv.slice(2), { from: 'user' });
	const options = readStackOptions(command.opts(), process.env);
	const folder = locateStateFolder(process.env);
	prepareStateFolder(folder);
	const unlock = lockStart(folder);
	const shutdown = new Shutdown(say);
	const stopAsked = listenForStop(shutdown);
	try {
		const progress = new Progress(options.queueMode === null ? STEP_COUNT : QUEUE_MODE_STEP_COUNT);
		const started = runStack(options, folder, progress, shutdown);
		started.catch(() => undefined);
		const stack = await Promise.race([started, stopAsked.then(() => null)]);
		if (stack === null) return EXIT_SIGINT;
		if (options.check) return await Promise.race([check(stack, options, progress), stopAsked.then(() => EXIT_SIGINT)]);
		process.stdout.write(welcome(stack, folder));
		const end = await Promise.race([stopAsked.then(() => 'asked' as const), stack.ended.then((code) => ({ code }))]);
		if (end === 'asked') return EXIT.ok;
		throw new StackProblem(`n8n ended by itself (exit code ${end.code}). See ${folder.logsDir}/n8n.log.`);
	} finally {
		await shutdown.stopAll();
		withdrawStack(folder);
		unlock();
	}
}

/** Resolves at the first wish to stop: Ctrl-C, SIGTERM, a closed terminal, the end of the process that started this one. */
function listenForStop(shutdown: Shutdown): Promise<void> {
	let askedMs: number | null = null;
	return new Promise((resolve) => {
		const stop = (): void => {
			if (askedMs === null) {
				askedMs = performance.now();
				say('\nStopping ... (Ctrl-C again ends everything at once)');
				void shutdown.stopAll();
				resolve();
			} else if (performance.now() - askedMs > SAME_KEYPRESS_MS) {
				shutdown.killAll();
				process.exit(EXIT_SIGINT);
			}
		};
		for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
		if (process.channel !== undefined) {
			process.on('disconnect', () => {
				if (askedMs === null) stop();
			});
			process.channel?.unref();
		}
		// The terminal may be gone before the last line.
		process.stdout.on('error', () => undefined);
		process.stderr.on('error', () => undefined);
	});
}

async function check(stack: StartedStack, options: StackOptions, progress: Progress): Promise<number> {
	const startedMs = performance.now();
	const results = await runCheckMessages(stack.webhookUrl, stack.client, loadCheckMessages(), (result) => {
		if (!options.json) process.stdout.write(checkLine(result));
	});
	const seconds = Math.round((performance.now() - startedMs) / 100) / 10;
	const failed = results.filter((result) => !result.ok).length;
	if (options.json) {
		const steps = [...progress.steps, { name: 'Check messages', seconds }];
		process.stdout.write(
			`${JSON.stringify({ ok: failed === 0, passed: results.length - failed, failed, messages: results, steps })}\n`,
		);
	} else {
		process.stdout.write(
			`\n${progress.steps.map((step) => `${step.seconds.toFixed(1).padStart(6)} s  ${step.name}`).join('\n')}\n${seconds.toFixed(1).padStart(6)} s  Check messages\n\n`,
		);
		process.stdout.write(`${results.length - failed} of ${results.length} messages were handled as they should be\n`);
	}
	return failed === 0 ? EXIT.ok : EXIT.failed;
}

function checkLine(result: CheckResult): string {
	const time = result.latencyMs === null ? '' : `  ${(result.latencyMs / 1000).toFixed(1)} s`;
	const reply = result.reply === null ? '(no reply)' : result.reply.replace(/\n+/g, '\n       ');
	return `\n${result.ok ? 'ok  ' : 'FAIL'}   ${result.text}${time}\n       ${reply}\n${result.problems.map((problem) => `       ! ${problem}\n`).join('')}`;
}

function welcome(stack: StartedStack, folder: StateFolder): string {
	return `
The demo salon is open.

  Phone and managers' group   ${stack.sandboxUrl}/
  n8n editor                  ${stack.n8nUrl}/   ${stack.login.email}   ${stack.login.password}
  Gateway                     ${stack.webhookUrl}/webhook/${stack.client.clientSlug}
  From another terminal       npm run chat -- "Сколько стоит маникюр с гель-лаком?"

Ctrl-C stops everything. The data stays in ${folder.home}.
`;
}

main().then(
	(code) => process.exit(code),
	(error: unknown) => {
		if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? EXIT.ok : EXIT.usage);
		say(problemLine(error));
		if (!(error instanceof StackProblem) && error instanceof Error && process.env.TRUFFLES_DEBUG)
			say(error.stack ?? '');
		process.exit(error instanceof StackProblem ? error.exitCode : EXIT.failed);
	},
);
