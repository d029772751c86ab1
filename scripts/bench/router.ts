/** What the model router adds to a bare HTTP call of the same body, against an endpoint on this machine. */
import { MemoryKv } from '../../lib/adapters/memory-kv';
import { NodeCrypto } from '../../lib/adapters/node-crypto';
import { OpenAiLlm } from '../../lib/adapters/openai-llm';
import { PgBillingLedger } from '../../lib/adapters/pg-billing-ledger';
import { systemClock } from '../../lib/adapters/system-clock';
import type { BudgetLimits } from '../../lib/ports/billing-ledger';
import { askModel, type AskPorts } from '../../lib/router/ask-model';
import { buildPrompt } from '../../lib/router/prompt';
import { restorePersonalData } from '../../lib/router/redaction';
import { chooseModel, mergeModelSettings } from '../../lib/router/route-model';
import { redactTurn } from '../../lib/router/turn-redaction';
import { startBenchDatabase } from './bench-database';
import type { BenchRow } from './bench-row';
import { benchTurn } from './bench-turn';
import { startModelEndpoint } from './model-endpoint';

const WARM_UP = 100;
const ROUNDS = 600;
/** Issue 3: overhead of the router itself, median. */
const BAR_MS = 2;
const NO_LIMIT: BudgetLimits = { dailyTiyn: null, monthlyTiyn: null };
const LIMIT: BudgetLimits = { dailyTiyn: 100_000_000_000, monthlyTiyn: 1_000_000_000_000 };

/** The rows of `npm run bench -- router`. */
export async function runBench(): Promise<readonly BenchRow[]> {
	const [database, endpoint] = await Promise.all([startBenchDatabase(), startModelEndpoint()]);
	try {
		const ledger = new PgBillingLedger({ db: database.db, clock: systemClock, journal: null });
		const kv = new MemoryKv();
		const ports: AskPorts = {
			kv,
			clock: systemClock,
			crypto: new NodeCrypto(),
			ledger,
			sleep: async () => await Promise.resolve(),
		};
		const llm = new OpenAiLlm({ apiKey: 'bench', baseUrl: endpoint.baseUrl });
		let asked = 0;
		const route = async (limits: BudgetLimits): Promise<{ settled: Promise<unknown> }> => {
			asked += 1;
			return await routeOnce(ports, llm, database.clientId, asked, limits);
		};

		await (
			await route(NO_LIMIT)
		).settled;
		const body = await endpoint.lastBody();
		const bare = async (): Promise<{ settled: null }> => {
			const response = await fetch(`${endpoint.baseUrl}/chat/completions`, {
				method: 'POST',
				headers: { 'content-type': 'application/json', authorization: 'Bearer bench' },
				body,
			});
			await response.json();
			return { settled: null };
		};

		// One after another in turn, so that whatever else the machine does falls on all of them alike.
		const ways = [bare, () => route(NO_LIMIT), () => route(LIMIT)];
		const times: number[][] = ways.map(() => []);
		for (let round = -WARM_UP; round < ROUNDS; round += 1) {
			for (const [index, way] of ways.entries()) {
				const started = performance.now();
				const { settled } = await way();
				if (round >= 0) times[index]?.push(performance.now() - started);
				// The bill is committed while the turn goes on; here it must not slow the next one down.
				await settled;
			}
		}
		await ledger.close();
		const [bareMs = 0, freeMs = 0, limitedMs = 0] = times.map(median);
		const row = (what: string, value: number, bar?: number): BenchRow => ({
			bench: 'router',
			what,
			value,
			unit: 'ms',
			...(bar === undefined ? {} : { bar }),
		});
		return [
			row(`bare HTTP call, median of ${ROUNDS}`, bareMs),
			row('router without a budget, billed in PostgreSQL: added', freeMs - bareMs, BAR_MS),
			row('router with a budget, reserved and billed in PostgreSQL: added', limitedMs - bareMs, BAR_MS),
		];
	} finally {
		await Promise.allSettled([endpoint.close(), database.stop()]);
	}
}

/**
 * The whole path of a turn that a model writes: choose, hide, prompt, cache miss, budget, breaker, call, put back. The
 * bill is on its way when it ends.
 */
async function routeOnce(
	ports: AskPorts,
	llm: OpenAiLlm,
	clientId: string,
	number: number,
	limits: BudgetLimits,
): Promise<{ readonly settled: Promise<unknown> }> {
	const item = benchTurn(clientId, number);
	const settings = mergeModelSettings(
		{ provider: 'openaiCompatible', cheapModel: 'gpt-4.1-mini', strongModel: 'gpt-4.1' },
		{},
		'ru',
	);
	const choice = chooseModel(item, settings, false);
	if (choice.kind !== 'call') throw new Error('the turn of the benchmark needs a model');
	const redaction = redactTurn(item);
	const answer = await askModel(ports, {
		client: item.client,
		conversationId: null,
		turnId: null,
		targets: choice.chain.map(({ model }) => ({ llm, model, isLocal: false, timeoutMs: 8_000 })),
		messages: buildPrompt({ item, redaction }),
		purpose: 'reply',
		temperature: choice.temperature,
		maxOutputTokens: choice.maxOutputTokens,
		limits,
		usdKztRate: '520',
		policy: { unknownModel: 'ceiling', retiredModel: 'replace' },
		mayCache: true,
	});
	if (answer.text === null) throw new Error(`the endpoint of the benchmark gave no answer: ${answer.notes.join('; ')}`);
	restorePersonalData(redaction, answer.text);
	return { settled: answer.settled };
}

function median(values: readonly number[]): number {
	const sorted = [...values].sort((a, b) => a - b);
	return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
