/** The dated price table: its shape, and the check that it is whole before anything is charged by it. */
import Ajv from 'ajv';
import { TrufflesError } from '../errors';
import { describeSchemaProblems } from '../tenant/schema-problems';
import shippedTable from './price-table.json';

/** USD per million tokens as decimal strings. Without a price of their own, cache writes cost what input costs. */
export interface UnitPrices {
	readonly input: string;
	readonly cachedInput: string;
	readonly cacheWrite?: string;
	/** Cache writes kept for an hour. */
	readonly cacheWriteLong?: string;
	readonly output: string;
}

/** One dated row; days are `YYYY-MM-DD`, UTC, both ends included. */
export interface PriceRow extends UnitPrices {
	/** As `canonicalModel` writes it. */
	readonly model: string;
	/** Prices of service tiers other than the standard one; a tier that is not listed costs the standard price. */
	readonly tiers?: Readonly<Record<string, UnitPrices>>;
	readonly validFrom: string;
	readonly validTo: string | null;
	/** From this day the provider no longer serves the model. */
	readonly retiredOn: string | null;
	/** What to use instead of a retired model. */
	readonly replacement?: string;
	readonly source: string;
}

export interface PriceTable {
	/** What an unknown model is charged as. */
	readonly ceiling: UnitPrices;
	/** Providers that run on the business's own machine: nothing to pay per token. */
	readonly freeProviders: readonly string[];
	/** Providers whose own statement of the cost, in USD, is taken instead of the table. */
	readonly providersThatReportCost?: readonly string[];
	readonly rows: readonly PriceRow[];
}

export type ParsedPriceTable =
	{ readonly ok: true; readonly table: PriceTable } | { readonly ok: false; readonly problems: readonly string[] };

const DECIMAL = { type: 'string', pattern: '^\\d{1,6}(\\.\\d{1,9})?$' };
const DAY = { type: 'string', pattern: '^\\d{4}-\\d{2}-\\d{2}$' };
const TEXT = { type: 'string', minLength: 1 };
const dayOrNull = { ...DAY, type: ['string', 'null'] };
const closed = (properties: Record<string, unknown>, required: readonly string[]): object => ({
	type: 'object',
	additionalProperties: false,
	properties,
	required,
});
const UNIT_PRICES = {
	input: DECIMAL,
	cachedInput: DECIMAL,
	cacheWrite: DECIMAL,
	cacheWriteLong: DECIMAL,
	output: DECIMAL,
};
const REQUIRED_PRICES = ['input', 'cachedInput', 'output'];

const SCHEMA = closed(
	{
		unit: TEXT,
		ceiling: closed({ ...UNIT_PRICES, why: TEXT }, REQUIRED_PRICES),
		freeProviders: { type: 'array', items: TEXT },
		providersThatReportCost: { type: 'array', items: TEXT },
		rows: {
			type: 'array',
			minItems: 1,
			items: closed(
				{
					model: { type: 'string', pattern: '^[a-z0-9][a-z0-9.:_-]*$' },
					...UNIT_PRICES,
					tiers: { type: 'object', additionalProperties: closed(UNIT_PRICES, REQUIRED_PRICES) },
					validFrom: DAY,
					validTo: dayOrNull,
					retiredOn: dayOrNull,
					replacement: TEXT,
					source: TEXT,
				},
				['model', ...REQUIRED_PRICES, 'validFrom', 'validTo', 'retiredOn', 'source'],
			),
		},
	},
	['ceiling', 'freeProviders', 'rows'],
);

const validate = new Ajv({ allErrors: true, verbose: true, allowUnionTypes: true }).compile<PriceTable>(SCHEMA);

/**
 * Checks a whole table: unknown keys, prices that are no decimals, days that do not exist, rows of one model whose
 * days overlap, replacements without a row.
 *
 * @returns the table, or all problems together
 */
export function parsePriceTable(value: unknown): ParsedPriceTable {
	if (!validate(value)) return { ok: false, problems: describeSchemaProblems(validate.errors, 'prices') };
	const problems = [
		...value.rows.flatMap(dayProblems),
		...overlapProblems(value.rows),
		...replacementProblems(value.rows),
	];
	return problems.length === 0 ? { ok: true, table: value } : { ok: false, problems };
}

/** The table shipped with the package. */
export const PRICE_TABLE: PriceTable = assertPriceTable(shippedTable);

/** As `parsePriceTable`; a broken table must not become a free call. @throws TRF_PRICES_INVALID with all problems */
export function assertPriceTable(value: unknown): PriceTable {
	const parsed = parsePriceTable(value);
	if (!parsed.ok) throw new TrufflesError('TRF_PRICES_INVALID', { problems: parsed.problems.join('; ') });
	return parsed.table;
}

function dayProblems(row: PriceRow, index: number): string[] {
	const problems: string[] = [];
	for (const key of ['validFrom', 'validTo', 'retiredOn'] as const) {
		const day = row[key];
		if (day !== null && !isRealDay(day)) problems.push(`prices/rows/${index}/${key}: ${day} is no day of the calendar`);
	}
	if (row.validTo !== null && row.validTo < row.validFrom)
		problems.push(`prices/rows/${index}: ${row.model} ends (${row.validTo}) before it begins (${row.validFrom})`);
	return problems;
}

function overlapProblems(rows: readonly PriceRow[]): string[] {
	const problems: string[] = [];
	rows.forEach((row, index) => {
		rows.slice(0, index).forEach((earlier, earlierIndex) => {
			if (earlier.model !== row.model) return;
			const apart =
				(earlier.validTo !== null && earlier.validTo < row.validFrom) ||
				(row.validTo !== null && row.validTo < earlier.validFrom);
			if (!apart) problems.push(`prices/rows/${index}: ${row.model} overlaps row ${earlierIndex}`);
		});
	});
	return problems;
}

function replacementProblems(rows: readonly PriceRow[]): string[] {
	const models = new Set(rows.map((row) => row.model));
	return rows.flatMap((row, index) =>
		row.replacement === undefined || models.has(row.replacement)
			? []
			: [`prices/rows/${index}: ${row.model} is to be replaced by ${row.replacement}, which has no row`],
	);
}

function isRealDay(day: string): boolean {
	const parsed = new Date(`${day}T00:00:00Z`);
	return !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(day);
}
