/** The one way a question of a client reaches a model: cache, price, reservation, call, settlement. */
import { PRICE_TABLE, type PriceTable } from '../billing/price';
import type { BillingCall } from '../item/turn-item';
import type { BillingLedger, BudgetAlert, BudgetLimits } from '../ports/billing-ledger';
import type { Clock } from '../ports/clock';
import type { Crypto } from '../ports/crypto';
import type { Kv } from '../ports/kv';
import type { LlmMessage } from '../ports/llm';
import { answerKey, keepAnswer, readAnswer } from './answer-cache';
import { maxCostTiyn } from './call-cost';
import { callModel, type ModelAnswer, TOTAL_TIMEOUT_MS } from './call-model';
import type { ModelTarget } from './model-target';
import { admitByPrice, type PricePolicy } from './price-policy';

/** A reservation outlives its call by this much, so that a slow settlement still finds it. */
const RESERVATION_SPARE_MS = 60_000;

/** Note that composers read: the turn is answered without a model because the budget is used up. */
export const BUDGET_NOTE = 'model: budget_reached';

export interface AskPorts {
	readonly kv: Kv;
	readonly clock: Clock;
	readonly crypto: Pick<Crypto, 'uuid' | 'sha256Hex'>;
	readonly ledger: BillingLedger;
	readonly sleep: (ms: number) => Promise<void>;
	/** Default: the table of the package. */
	readonly prices?: PriceTable;
}

export interface ModelQuestion {
	readonly client: { readonly id: string; readonly timeZone: string; readonly configVersion: number };
	readonly conversationId: string | null;
	readonly turnId: string | null;
	/** The chain, in the order in which it is tried. */
	readonly targets: readonly ModelTarget[];
	readonly messages: readonly LlmMessage[];
	readonly purpose: BillingCall['purpose'];
	readonly temperature?: number;
	readonly maxOutputTokens: number;
	readonly jsonObject?: boolean;
	readonly limits: BudgetLimits;
	/** Tenge per dollar, decimal string. */
	readonly usdKztRate: string;
	readonly policy: PricePolicy;
	/** False for turns with personal data and where the client switched it off. */
	readonly mayCache: boolean;
	readonly attemptTimeoutMs?: number;
	readonly totalTimeoutMs?: number;
	readonly mayRepeat?: boolean;
	readonly breakerScope?: string;
}

export interface AskResult {
	/** `skipped`: nobody was asked, the notes say why. */
	readonly kind: 'answered' | 'no_answer' | 'skipped';
	readonly text: string | null;
	readonly calls: readonly BillingCall[];
	readonly notes: readonly string[];
	/** Resolves when the calls are billed and the answer is kept. Never rejects. */
	readonly settled: Promise<Settled>;
}

/** What became of the bill after the answer. */
export interface Settled {
	/** `failed`: neither database nor journal took the calls; they are still in `calls`. */
	readonly kind: 'nothing' | 'written' | 'queued' | 'failed';
	/** Levels of the budget that these calls crossed. */
	readonly alerts: readonly BudgetAlert[];
}

const NOTHING: Settled = { kind: 'nothing', alerts: [] };

/**
 * Asks a model for a client.
 *
 * Nothing paid is called without a reservation when the client has a limit: a reached budget and a ledger that is away
 * both end as `skipped`. Settlement of all attempts, the free and the failed ones too, starts as soon as the last one
 * has ended; the customer does not wait for its commit. Until then the reservation holds the money. Never throws for what
 * models, cache or ledger do.
 */
export async function askModel(ports: AskPorts, question: ModelQuestion): Promise<AskResult> {
	const { targets, notes } = admitByPrice(
		question.targets,
		question.policy,
		ports.clock.now(),
		ports.prices ?? PRICE_TABLE,
	);
	if (targets.length === 0) return skipped([...notes, 'model: no_model_configured']);

	const key = question.mayCache ? cacheKey(ports, question, targets) : null;
	const kept = key === null ? null : await readAnswer(ports.kv, key);
	if (kept !== null)
		return {
			kind: 'answered',
			text: kept,
			calls: [],
			notes: [...notes, 'model: answer from cache'],
			settled: Promise.resolve(NOTHING),
		};

	const reservation = await reserve(ports, question, targets);
	if (reservation.kind === 'refused') return skipped([...notes, reservation.note]);
	const answer = await callModel({
		...question,
		kv: ports.kv,
		clock: ports.clock,
		uuid: () => ports.crypto.uuid(),
		sleep: ports.sleep,
		clientId: question.client.id,
		targets,
		...(ports.prices === undefined ? {} : { prices: ports.prices }),
	});
	const keeping = key === null || answer.text === null ? null : keepAnswer(ports.kv, key, answer.text);
	const settling = settle(ports, question, reservation.id, answer.calls);
	return {
		kind: answer.text === null ? 'no_answer' : 'answered',
		text: answer.text,
		calls: answer.calls,
		notes: [...notes, ...answer.notes],
		settled: Promise.allSettled([settling, keeping]).then(async () => await settling),
	};
}

type Reserved =
	{ readonly kind: 'held'; readonly id: string | null } | { readonly kind: 'refused'; readonly note: string };

async function reserve(ports: AskPorts, question: ModelQuestion, targets: readonly ModelTarget[]): Promise<Reserved> {
	const { limits, client } = question;
	if (limits.dailyTiyn === null && limits.monthlyTiyn === null) return { kind: 'held', id: null };
	const amountTiyn = maxCostTiyn({
		targets,
		mayRepeat: question.mayRepeat !== false,
		messages: question.messages,
		maxOutputTokens: question.maxOutputTokens,
		usdKztRate: question.usdKztRate,
		at: ports.clock.now(),
		prices: ports.prices ?? PRICE_TABLE,
	});
	if (amountTiyn === 0) return { kind: 'held', id: null };
	try {
		const reservation = await ports.ledger.reserve({
			clientId: client.id,
			timeZone: client.timeZone,
			limits,
			amountTiyn,
			ttlMs: (question.totalTimeoutMs ?? TOTAL_TIMEOUT_MS) + RESERVATION_SPARE_MS,
		});
		if (reservation.kind === 'reached') return { kind: 'refused', note: BUDGET_NOTE };
		return { kind: 'held', id: reservation.kind === 'reserved' ? reservation.id : null };
	} catch {
		return { kind: 'refused', note: 'model: budget_unknown' };
	}
}

async function settle(
	ports: AskPorts,
	question: ModelQuestion,
	reservationId: string | null,
	calls: ModelAnswer['calls'],
): Promise<Settled> {
	if (calls.length === 0 && reservationId === null) return NOTHING;
	const { client, limits, conversationId, turnId, usdKztRate } = question;
	try {
		const { alerts, queued } = await ports.ledger.settle({
			clientId: client.id,
			timeZone: client.timeZone,
			limits,
			reservationId,
			conversationId,
			turnId,
			calls,
			usdKztRate,
		});
		return { kind: queued ? 'queued' : 'written', alerts };
	} catch {
		return { kind: 'failed', alerts: [] };
	}
}

function cacheKey(ports: AskPorts, question: ModelQuestion, targets: readonly ModelTarget[]): string {
	return answerKey(
		{
			clientId: question.client.id,
			configVersion: question.client.configVersion,
			models: targets.map(({ llm, model }) => `${llm.provider}:${model}`),
			temperature: question.temperature ?? null,
			maxOutputTokens: question.maxOutputTokens,
			purpose: question.purpose,
			messages: question.messages,
		},
		(data) => ports.crypto.sha256Hex(data),
	);
}

function skipped(notes: readonly string[]): AskResult {
	return { kind: 'skipped', text: null, calls: [], notes, settled: Promise.resolve(NOTHING) };
}
