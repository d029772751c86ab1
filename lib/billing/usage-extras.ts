import { formatDecimal } from './decimal';
import { type Body, isRecord, part } from './usage-fields';

const USD_PLACES = 9;
const NANO_PER_USD = 1e9;
/** Above this a float no longer holds whole nano-dollars; no single call costs so much. */
const MAX_COST_USD = 1_000;
const STANDARD_TIERS = new Set([
	'standard',
	'default',
	'auto',
	'on_demand',
	'unspecified',
	'traffic_type_unspecified',
	'',
]);

/**
 * The service tier that was used: in the usage (Anthropic, OpenRouter, Gemini) or beside it (OpenAI).
 *
 * @returns lower case, null for the standard tier and when nothing is said
 */
export function readTier(body: unknown, usage: Body): string | null {
	const beside = isRecord(body) ? [body['service_tier'], body['serviceTier']] : [];
	for (const value of [usage['service_tier'], usage['serviceTier'], usage['trafficType'], ...beside]) {
		if (typeof value !== 'string') continue;
		const tier = value.trim().toLowerCase().slice(0, 40);
		if (!STANDARD_TIERS.has(tier)) return tier;
	}
	return null;
}

/**
 * What the provider says it charged: OpenRouter's `cost` in credits (1 credit = 1 USD). With the business's own key
 * (`is_byok`) the credits are only the fee, and the model's price is in `cost_details`.
 *
 * @returns USD with nine places, rounded up; null when no usable amount is given
 */
export function readProviderCostUsd(usage: Body): string | null {
	const charged = amountUsd(usage['cost']);
	if (charged === null) return null;
	const upstream = usage['is_byok'] === true ? amountUsd(part(usage, 'cost_details')?.['upstream_inference_cost']) : 0;
	const nano = Math.ceil(roundNoise((charged + (upstream ?? 0)) * NANO_PER_USD));
	return formatDecimal(BigInt(nano), USD_PLACES);
}

function amountUsd(value: unknown): number | null {
	return typeof value === 'number' && value >= 0 && value <= MAX_COST_USD ? value : null;
}

/** 0.000056 × 10^9 is 56000.00000000001 in floats; such dust must not become a whole nano-dollar. */
function roundNoise(nano: number): number {
	return Number(nano.toFixed(3));
}
