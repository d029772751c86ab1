/** `npm run usage`: what one business used and cost in a month. Parses, calls `lib/billing`, prints, exits. */
import { Command, CommanderError } from 'commander';
import { createPgDb } from '../lib/adapters/pg-db';
import { systemClock } from '../lib/adapters/system-clock';
import { type MonthRange, monthOf, parseMonth } from '../lib/billing/month-range';
import { PRICE_TABLE } from '../lib/billing/price';
import { DEFAULT_STRONG_MODEL, estimateStrongestOnly, isListed } from '../lib/billing/strongest-only';
import { loadUsageFacts } from '../lib/billing/usage-facts';
import { buildUsageReport, type UsageReport } from '../lib/billing/usage-report';
import { formatUsage } from '../lib/billing/usage-text';
import { ERRORS, TrufflesError } from '../lib/errors';
import type { Db, DbSession } from '../lib/ports/db';
import { readRunningStack } from './stack/running-stack';
import { EXIT, problemLine, StackProblem } from './stack/stack-problem';

const DEFAULT_CLIENT = 'demo_salon';

interface Flags {
	readonly client: string;
	readonly month?: string;
	readonly strong?: string;
	readonly json: boolean;
}

interface ClientRow {
	readonly id: string;
	readonly time_zone: string;
}

const program = new Command('npm run usage --')
	.description('Prints what a business used in a month: messages, turns, calls, tokens, cost by model and by purpose.')
	.option('--client <slug>', 'the business', DEFAULT_CLIENT)
	.option('--month <YYYY-MM>', "a month in the business's own time zone (default: the current one)")
	.option(
		'--strong <model>',
		`model to compare with (default: the business's strong model, else ${DEFAULT_STRONG_MODEL})`,
	)
	.option('--json', 'print one JSON object; money as decimal strings, USD with nine places and tenge with six', false)
	.addHelpText(
		'after',
		`
"All on <model>" is an estimate: the recorded calls priced again with that model's prices, and for each free reply the
mean tokens of the month's paid replies (1 500 + 120 when there are none). Embeddings and transcriptions stay as they are.

Environment:
  DATABASE_URL    PostgreSQL, as truffles_app or owner; without it the stack that "npm start" keeps up
  TRUFFLES_HOME   folder of that stack (default: .truffles beside package.json)

Exit codes: 0 printed, 1 failed, 3 the database cannot be reached, 4 no stack is running and no DATABASE_URL, 64 usage (also an unknown business or month)

Examples:
  npm run usage -- --client demo_salon --month 2026-11
  npm run usage -- --client demo_salon --json
  npm run usage -- --client demo_salon --month 2026-10 --strong gpt-4.1`,
	)
	.allowExcessArguments(false)
	.exitOverride();

async function main(): Promise<number> {
	program.parse(process.argv.slice(2), { from: 'user' });
	const flags = program.opts<Flags>();
	if (flags.strong !== undefined && !isListed(flags.strong))
		throw new StackProblem(`--strong: no price for "${flags.strong}". Known: ${listedModels()}.`, EXIT.usage);
	const connectionString = process.env.DATABASE_URL?.trim() || (await readRunningStack())?.databaseAppUrl;
	if (connectionString === undefined)
		throw new StackProblem('No stack is running. Start it with "npm start", or set DATABASE_URL.', EXIT.conflict);
	const db = createPgDb({ connectionString, applicationName: 'truffles usage', maxConnections: 1 });
	try {
		const report = await readUsage(db, flags);
		process.stdout.write(`${flags.json ? JSON.stringify(report) : formatUsage(report)}\n`);
		return EXIT.ok;
	} finally {
		await db.close();
	}
}

async function readUsage(db: Db, flags: Flags): Promise<UsageReport> {
	const { rows } = await db.query<ClientRow>('select id, time_zone from truffles.resolve_client($1)', [flags.client]);
	const [client] = rows;
	if (client === undefined) throw new StackProblem(`There is no client "${flags.client}".`, EXIT.usage);
	const timeZone = client.time_zone;
	const now = systemClock.now();
	const range = flags.month === undefined ? monthOf(now, timeZone) : parseMonth(flags.month, timeZone);
	if (range === null) throw new StackProblem(`--month: "${flags.month}" is no month such as 2026-11.`, EXIT.usage);
	if (range.from > now) throw new StackProblem(`--month: ${range.month} has not begun yet.`, EXIT.usage);
	return await db.asClient(client.id, async (tx) => {
		const facts = await loadUsageFacts(tx, client.id, range);
		if (facts.turns === 0 && facts.groups.length === 0) await refuseBeforeTheClient(tx, client.id, flags.client, range);
		const settings = await readModelSettings(tx, client.id);
		const model = flags.strong ?? (settings.strong !== null && isListed(settings.strong) ? settings.strong : null);
		const at = range.to > now ? now : new Date(range.to.getTime() - 1);
		const strongest = estimateStrongestOnly(facts, model ?? DEFAULT_STRONG_MODEL, at, settings.usdKztRate);
		return buildUsageReport({ slug: flags.client, timeZone }, range, facts, strongest);
	});
}

/** A month without anything is an answer; one before the business was a client is a mistake in the question. */
async function refuseBeforeTheClient(tx: DbSession, clientId: string, slug: string, range: MonthRange): Promise<void> {
	const { rows } = await tx.query<{ created_at: Date }>('select created_at from clients where id = $1', [clientId]);
	const since = rows[0]?.created_at;
	if (since !== undefined && since >= range.to)
		throw new StackProblem(
			`--month: ${slug} is a client since ${since.toISOString().slice(0, 10)}; there is nothing of ${range.month}.`,
			EXIT.usage,
		);
}

async function readModelSettings(
	tx: DbSession,
	clientId: string,
): Promise<{ strong: string | null; usdKztRate: string }> {
	const { rows } = await tx.query<{ strong: string | null; rate: string | null }>(
		`select settings -> 'model' ->> 'strong' as strong, settings -> 'model' ->> 'usdKztRate' as rate
		   from client_settings where client_id = $1`,
		[clientId],
	);
	return { strong: rows[0]?.strong ?? null, usdKztRate: rows[0]?.rate ?? '0' };
}

function listedModels(): string {
	return [...new Set(PRICE_TABLE.rows.map((row) => row.model))].join(', ');
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
