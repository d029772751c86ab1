/** `npm run reconcile`: accepted messages without an outcome. Parses, calls `lib/inbox`, prints, exits. */
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { createPgDb } from '../lib/adapters/pg-db';
import { ERRORS, TrufflesError } from '../lib/errors';
import { OVERDUE_MS, type OverdueClient, reconcileInbox } from '../lib/inbox/reconcile';
import { readRunningStack } from './stack/running-stack';
import { EXIT, problemLine, StackProblem } from './stack/stack-problem';

const MINUTE_MS = 60_000;
/** A day is the longest any message may wait; see the reply window. */
const MOST_MINUTES = 24 * 60;
const FOUND = 2;

interface Flags {
	readonly minutes: number;
	readonly json: boolean;
}

const program = new Command('npm run reconcile --')
	.description('Compares accepted messages with recorded outcomes, and alerts (error_logs) about those without one.')
	.option('--minutes <n>', 'how long a message may be without an outcome', parseMinutes, OVERDUE_MS / MINUTE_MS)
	.option('--json', 'print one JSON object', false)
	.addHelpText(
		'after',
		`
Conversations that have waiting messages but would never be claimed are made ready again. An alert of a business is
repeated once an hour. The inbox trigger of 2_Parse_Normalize does the same every five minutes while it runs.

Environment:
  DATABASE_URL    PostgreSQL, as truffles_app or owner; without it the stack that "npm start" keeps up
  TRUFFLES_HOME   folder of that stack (default: .truffles beside package.json)

Exit codes: 0 every message has its outcome, 1 failed, 2 some have none, 3 the database cannot be reached,
            4 no stack is running and no DATABASE_URL, 64 usage

Examples:
  npm run reconcile
  npm run reconcile -- --minutes 60
  npm run reconcile -- --json`,
	)
	.allowExcessArguments(false)
	.exitOverride();

function parseMinutes(text: string): number {
	const minutes = Number(text);
	if (!Number.isInteger(minutes) || minutes < 1 || minutes > MOST_MINUTES)
		throw new InvalidArgumentError(`expected whole minutes from 1 to ${MOST_MINUTES}`);
	return minutes;
}

async function main(): Promise<number> {
	program.parse(process.argv.slice(2), { from: 'user' });
	const flags = program.opts<Flags>();
	const connectionString = process.env.DATABASE_URL?.trim() || (await readRunningStack())?.databaseAppUrl;
	if (connectionString === undefined)
		throw new StackProblem('No stack is running. Start it with "npm start", or set DATABASE_URL.', EXIT.conflict);
	const db = createPgDb({ connectionString, applicationName: 'truffles reconcile', maxConnections: 1 });
	try {
		const overdue = await reconcileInbox(db, flags.minutes * MINUTE_MS);
		process.stdout.write(`${flags.json ? JSON.stringify({ overdue }) : formatOverdue(overdue, flags.minutes)}\n`);
		return overdue.length === 0 ? EXIT.ok : FOUND;
	} finally {
		await db.close();
	}
}

function formatOverdue(overdue: readonly OverdueClient[], minutes: number): string {
	if (overdue.length === 0) return `Every message older than ${minutes} min has its outcome.`;
	return overdue
		.map(
			(client) =>
				`${client.clientId}  ${client.events} without outcome, oldest ${client.oldestAt.toISOString()}` +
				`${client.rearmed > 0 ? `, ${client.rearmed} made ready again` : ''}${client.isNew ? '' : ' (alerted before)'}`,
		)
		.join('\n');
}

function exitCodeOf(error: unknown): number {
	if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
	if (error instanceof StackProblem) return error.exitCode;
	const unreachable = error instanceof TrufflesError && ERRORS[error.code].family === 'unreachable';
	return unreachable ? EXIT.environment : EXIT.failed;
}

main().then(
	(code) => {
		process.exitCode = code;
	},
	(error: unknown) => {
		process.exitCode = exitCodeOf(error);
		if (error instanceof CommanderError) return;
		const prefix = error instanceof TrufflesError ? `${error.code}  ` : '';
		process.stderr.write(`${prefix}${problemLine(error)}\n`);
	},
);
