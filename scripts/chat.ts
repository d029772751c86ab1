/** `npm run chat`: writes to the running stack's gateway as a customer and prints how it ended. */
import { createInterface } from 'node:readline';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { askSalon, type Asked } from './stack/ask-salon';
import { openClient, type ClientAccess } from './stack/client-access';
import { requireRunningStack } from './stack/running-stack';
import { EXIT, problemLine, StackProblem } from './stack/stack-problem';

const DEFAULT_TIMEOUT_S = 60;
const MS_PER_S = 1000;

interface Flags {
	readonly client: string;
	readonly user: string;
	readonly json: boolean;
	readonly timeout: number;
}

/** The one object `--json` prints. */
interface ChatAnswer {
	readonly reply: string | null;
	readonly outcome: string;
	readonly route: string | null;
	readonly intent: string | null;
	readonly language: string | null;
	readonly latencyMs: number;
	/** USD. */
	readonly costUsd: number;
	readonly conversationId: string | null;
	readonly turnId: string;
}

function parsePhone(text: string): string {
	const digits = text.replace(/\D/g, '');
	if (digits.length < 7 || digits.length > 15)
		throw new InvalidArgumentError('a phone has 7 to 15 digits, for example +77015705555.');
	return `+${digits}`;
}

function parseSeconds(text: string): number {
	const seconds = Number(text);
	if (!Number.isFinite(seconds) || seconds <= 0) throw new InvalidArgumentError('a number of seconds above 0.');
	return seconds;
}

const program = new Command('npm run chat --')
	.description(
		'Sends a message through the real gateway of the stack that "npm start" keeps up, and prints the reply. Without a text: a conversation.',
	)
	.argument('[text]', 'what the customer writes')
	.option('--client <slug>', 'the business', 'demo_salon')
	.option('--user <phone>', "the customer's phone", parsePhone, '+77015705555')
	.option(
		'--json',
		'print one object {reply, outcome, route, intent, language, latencyMs, costUsd, conversationId, turnId}',
		false,
	)
	.option('--timeout <seconds>', 'how long to wait for the outcome', parseSeconds, DEFAULT_TIMEOUT_S)
	.addHelpText(
		'after',
		`
Environment:
  TRUFFLES_HOME   folder of the stack (default: .truffles beside package.json)

Exit codes: 0 the message has an outcome, 1 refused or no outcome in time, 3 the database cannot be reached, 4 no stack is running, 64 usage

Examples:
  npm run chat -- "Сколько стоит маникюр с гель-лаком?"
  npm run chat -- "Қайда орналасқансыз?" --user +77770001122 --json
  npm run chat`,
	)
	.allowExcessArguments(false)
	.exitOverride();

async function main(): Promise<number> {
	program.parse(process.argv.slice(2), { from: 'user' });
	const flags = program.opts<Flags>();
	const [text] = program.args;
	if (text?.trim() === '') throw new StackProblem('The text is empty.', EXIT.usage);
	const stack = await requireRunningStack();
	const client = await openClient(stack.databaseAppUrl, stack.masterKey, flags.client);
	try {
		if (text !== undefined) return await askOnce(stack.webhookUrl, client, flags, text);
		return await converse(stack.webhookUrl, client, flags);
	} finally {
		await client.close();
	}
}

async function askOnce(gatewayUrl: string, client: ClientAccess, flags: Flags, text: string): Promise<number> {
	const asked = await askSalon(gatewayUrl, client, flags.user, text, flags.timeout * MS_PER_S);
	const answer = toAnswer(asked);
	process.stdout.write(`${flags.json ? JSON.stringify(answer) : (answer.reply ?? silence(answer.outcome))}\n`);
	return EXIT.ok;
}

/** One line in, one reply out; ends with the input. */
async function converse(gatewayUrl: string, client: ClientAccess, flags: Flags): Promise<number> {
	const isTerminal = process.stdin.isTTY === true;
	const lines = createInterface({
		input: process.stdin,
		output: isTerminal ? process.stderr : undefined,
		terminal: isTerminal,
	});
	// Not readline's own prompt: that one throws when piped input ended while the answer was awaited.
	const prompt = (): void => {
		if (isTerminal) process.stderr.write('> ');
	};
	process.stderr.write(`Conversation with ${client.clientSlug} as ${flags.user}. Ctrl-D ends it.\n`);
	let failed = false;
	prompt();
	for await (const line of lines) {
		if (line.trim() !== '') {
			try {
				await askOnce(gatewayUrl, client, flags, line);
			} catch (error) {
				failed = true;
				process.stderr.write(`${problemLine(error)}\n`);
			}
		}
		prompt();
	}
	return failed ? EXIT.failed : EXIT.ok;
}

/** @throws StackProblem (1) when the message was refused or got no outcome in time */
function toAnswer(asked: Asked): ChatAnswer {
	if (asked.kind === 'refused')
		throw new StackProblem(`The gateway refused the message (${asked.problem}).`, EXIT.failed);
	if (asked.kind === 'no_outcome')
		throw new StackProblem(
			`The message has no outcome after ${asked.waitedMs / MS_PER_S} s. Look at the executions in n8n.`,
			EXIT.failed,
		);
	const { result, latencyMs } = asked;
	return {
		reply: result.reply,
		outcome: result.outcome,
		route: result.route,
		intent: result.intent,
		language: result.language,
		latencyMs,
		costUsd: Number(result.costUsd),
		conversationId: result.conversationId,
		turnId: result.turnId,
	};
}

function silence(outcome: string): string {
	return outcome === 'held'
		? '(no reply: a manager is active in this conversation; the message was kept)'
		: `(no reply: ${outcome})`;
}

main().then(
	(code) => process.exit(code),
	(error: unknown) => {
		if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? EXIT.ok : EXIT.usage);
		process.stderr.write(`${problemLine(error)}\n`);
		process.exit(error instanceof StackProblem ? error.exitCode : EXIT.environment);
	},
);
