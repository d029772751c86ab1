/** The part of a client's settings that says which models it uses and what they may cost. */
import type { BudgetLimits } from '../ports/billing-ledger';

/** Models by size; a name is a model of the installation's endpoint, or `backup:<model>`, `local:<model>`. */
export interface ModelNames {
	/** Writes ordinary answers and recognises unsure intents. */
	readonly cheap?: string;
	/** Writes answers to complex questions. */
	readonly strong?: string;
}

export interface ModelSettings extends ModelNames {
	/** Model of the installation's local endpoint; messages with personal data go there. */
	readonly local?: string;
	/** Tried in this order after the first model; absent: the other of cheap and strong, then the backup endpoint. */
	readonly fallback?: readonly string[];
	readonly temperature?: number;
	/** Other models for replies in one language; they win over all others. */
	readonly languages?: Readonly<Partial<Record<'ru' | 'kk', ModelNames>>>;
	/** Names that count only while the installation's endpoint speaks this protocol. */
	readonly providers?: Readonly<Partial<Record<'openaiCompatible' | 'anthropic', ModelNames>>>;
	/** Tiyn per calendar day in the client's zone; paid calls stop when it is reached. Absent: no limit. */
	readonly dailyBudgetTiyn?: number;
	/** Tiyn per calendar month in the client's zone; paid calls stop when it is reached. Absent: no limit. */
	readonly monthlyBudgetTiyn?: number;
	/** Decimal string: tenge for one dollar, used in the bill. */
	readonly usdKztRate: string;
	/** A model without a price: charged as the dearest known one (`ceiling`, the default), or not called. */
	readonly unknownModel?: 'ceiling' | 'refuse';
	/** A model that its provider has retired: the next one of the chain instead (`replace`, the default), or none. */
	readonly retiredModel?: 'replace' | 'refuse';
	/** Whether the same question over the same knowledge is answered from memory for an hour. Default true. */
	readonly cacheAnswers?: boolean;
}

const NAME = { type: 'string', minLength: 1 };
const NAMES = {
	type: 'object',
	additionalProperties: false,
	properties: { cheap: NAME, strong: NAME },
};
const BUDGET = { type: 'integer', minimum: 0 };

/** JSON schema of {@link ModelSettings}; unknown keys are refused. */
export const MODEL_SETTINGS_SCHEMA = {
	type: 'object',
	additionalProperties: false,
	properties: {
		cheap: NAME,
		strong: NAME,
		local: NAME,
		fallback: { type: 'array', items: NAME, maxItems: 10 },
		temperature: { type: 'number', minimum: 0, maximum: 2 },
		languages: { type: 'object', additionalProperties: false, properties: { ru: NAMES, kk: NAMES } },
		providers: {
			type: 'object',
			additionalProperties: false,
			properties: { openaiCompatible: NAMES, anthropic: NAMES },
		},
		dailyBudgetTiyn: BUDGET,
		monthlyBudgetTiyn: BUDGET,
		usdKztRate: { type: 'string', pattern: '^\\d{1,6}(\\.\\d{1,4})?$' },
		unknownModel: { enum: ['ceiling', 'refuse'] },
		retiredModel: { enum: ['replace', 'refuse'] },
		cacheAnswers: { type: 'boolean' },
	},
	required: ['usdKztRate'],
};

/** The client's limits as the ledger takes them. */
export function budgetLimits(model: Pick<ModelSettings, 'dailyBudgetTiyn' | 'monthlyBudgetTiyn'>): BudgetLimits {
	return { dailyTiyn: model.dailyBudgetTiyn ?? null, monthlyTiyn: model.monthlyBudgetTiyn ?? null };
}
