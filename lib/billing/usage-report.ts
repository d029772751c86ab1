import { divideHalfUp, formatDecimal, parseDecimal } from './decimal';
import type { MonthRange } from './month-range';
import { KZT_PLACES, USD_PLACES } from './price';
import type { StrongestOnly } from './strongest-only';
import type { CallGroup, UsageFacts } from './usage-facts';

/** Decimal strings: USD with nine places, tenge with six. */
export interface Cost {
	readonly usd: string;
	readonly kzt: string;
}

/** Calls added up under one name. */
export interface UsageLine extends Cost {
	readonly name: string;
	readonly calls: number;
	readonly failedCalls: number;
	readonly inputTokens: number;
	readonly outputTokens: number;
}

/** What `npm run usage -- --json` prints. */
export interface UsageReport {
	readonly client: string;
	readonly month: string;
	readonly timeZone: string;
	/** ISO 8601, UTC; `to` is excluded. */
	readonly from: string;
	readonly to: string;
	readonly messages: { readonly in: number; readonly out: number };
	readonly turns: {
		readonly total: number;
		readonly answered: number;
		readonly handedOver: number;
		readonly held: number;
		readonly ignored: number;
		readonly answeredWithoutModel: number;
		/** 0 to 1, four places; null when nothing was answered. */
		readonly shareWithoutModel: number | null;
	};
	readonly conversations: number;
	readonly handovers: number;
	readonly calls: { readonly total: number; readonly failed: number };
	readonly tokens: {
		readonly input: number;
		readonly cachedInput: number;
		readonly cacheWrite: number;
		readonly output: number;
		readonly reasoning: number;
	};
	readonly cost: Cost;
	/** Null without turns. */
	readonly costPerTurn: Cost | null;
	/** Null without conversations. */
	readonly costPerConversation: Cost | null;
	readonly byModel: readonly UsageLine[];
	readonly byPurpose: readonly UsageLine[];
	readonly strongestOnly: StrongestOnly & {
		/** What was saved against it; null when it would have cost nothing. 0 to 1, four places, negative when it costs more. */
		readonly savedShare: number | null;
	};
}

/** Adds the month up; money in exact decimals, averages rounded half up. */
export function buildUsageReport(
	client: { readonly slug: string; readonly timeZone: string },
	range: MonthRange,
	facts: UsageFacts,
	strongest: StrongestOnly,
): UsageReport {
	const { groups } = facts;
	const cost = { usd: addUp(groups, 'costUsd'), kzt: addUp(groups, 'costKzt') };
	const total = (key: 'inputTokens' | 'cachedInputTokens' | 'cacheWriteTokens' | 'outputTokens' | 'reasoningTokens') =>
		groups.reduce((sum, group) => sum + group[key], 0);
	return {
		client: client.slug,
		month: range.month,
		timeZone: client.timeZone,
		from: range.from.toISOString(),
		to: range.to.toISOString(),
		messages: { in: facts.messagesIn, out: facts.messagesOut },
		turns: {
			total: facts.turns,
			answered: facts.answered,
			handedOver: facts.handedOver,
			held: facts.held,
			ignored: facts.ignored,
			answeredWithoutModel: facts.answeredWithoutModel,
			shareWithoutModel: share(BigInt(facts.answeredWithoutModel), BigInt(facts.answered)),
		},
		conversations: facts.conversations,
		handovers: facts.handovers,
		calls: {
			total: groups.reduce((sum, group) => sum + group.calls, 0),
			failed: groups.reduce((sum, group) => sum + group.failedCalls, 0),
		},
		tokens: {
			input: total('inputTokens'),
			cachedInput: total('cachedInputTokens'),
			cacheWrite: total('cacheWriteTokens'),
			output: total('outputTokens'),
			reasoning: total('reasoningTokens'),
		},
		cost,
		costPerTurn: perUnit(cost, facts.turns),
		costPerConversation: perUnit(cost, facts.conversations),
		byModel: linesBy(groups, ({ provider, model }) => `${provider}/${model}`),
		byPurpose: linesBy(groups, ({ purpose }) => purpose),
		strongestOnly: { ...strongest, savedShare: savedShare(cost.usd, strongest.costUsd) },
	};
}

function linesBy(groups: readonly CallGroup[], nameOf: (group: CallGroup) => string): UsageLine[] {
	const names = [...new Set(groups.map(nameOf))];
	return names
		.map((name) => {
			const own = groups.filter((group) => nameOf(group) === name);
			const total = (key: 'calls' | 'failedCalls' | 'inputTokens' | 'outputTokens') =>
				own.reduce((sum, group) => sum + group[key], 0);
			return {
				name,
				calls: total('calls'),
				failedCalls: total('failedCalls'),
				inputTokens: total('inputTokens'),
				outputTokens: total('outputTokens'),
				usd: addUp(own, 'costUsd'),
				kzt: addUp(own, 'costKzt'),
			};
		})
		.sort((a, b) => Number(scaled(b.usd, USD_PLACES) - scaled(a.usd, USD_PLACES)));
}

function addUp(groups: readonly CallGroup[], key: 'costUsd' | 'costKzt'): string {
	const places = key === 'costUsd' ? USD_PLACES : KZT_PLACES;
	return formatDecimal(
		groups.reduce((sum, group) => sum + scaled(group[key], places), 0n),
		places,
	);
}

function perUnit(cost: Cost, units: number): Cost | null {
	if (units === 0) return null;
	const divide = (value: string, places: number): string =>
		formatDecimal(divideHalfUp(scaled(value, places), BigInt(units)), places);
	return { usd: divide(cost.usd, USD_PLACES), kzt: divide(cost.kzt, KZT_PLACES) };
}

function savedShare(actualUsd: string, strongestUsd: string): number | null {
	const [actual, strongest] = [scaled(actualUsd, USD_PLACES), scaled(strongestUsd, USD_PLACES)];
	if (strongest === 0n) return null;
	return actual <= strongest ? share(strongest - actual, strongest) : -(share(actual - strongest, strongest) ?? 0);
}

const SHARE_UNITS = 10_000n;

function share(some: bigint, all: bigint): number | null {
	return all === 0n ? null : Number(divideHalfUp(some * SHARE_UNITS, all)) / Number(SHARE_UNITS);
}

function scaled(text: string, places: number): bigint {
	const value = parseDecimal(text, places);
	if (value === null) throw new RangeError(`Not a decimal with ${places} places: ${text}.`);
	return value;
}
