import type { HandoverReason, TurnItem } from '../item/turn-item';

const DEFAULT_TEMPERATURE = 0.2;
const MAX_OUTPUT_TOKENS = 400;

/** What the installation's credential and the client's settings say about models, already merged by {@link mergeModelSettings}. */
export interface ModelSettings {
	readonly provider: 'openaiCompatible' | 'none';
	readonly cheapModel: string | null;
	readonly strongModel: string | null;
	readonly temperature?: number;
	/** Null: no limit. */
	readonly monthlyBudgetTiyn?: number | null;
	/** What the client has spent this month; see `monthSpend`. */
	readonly spentTiyn?: number;
	/** True when the model runs on the business's own machine, so that personal data may be shown to it. */
	readonly modelIsLocal?: boolean;
}

export type ModelChoice =
	| { readonly kind: 'none'; readonly reason: 'route_is_free' | 'no_model_configured' | 'budget_reached' }
	| {
			readonly kind: 'call';
			readonly model: string;
			/** Tried in order after `model`. */
			readonly fallback: readonly string[];
			readonly temperature: number;
			readonly maxOutputTokens: number;
			readonly reason: string;
	  }
	| { readonly kind: 'handover'; readonly reason: HandoverReason };

/**
 * Decides whether a turn is written by a model, and by which.
 *
 * Template and fact routes are free; complex ones get the strong model, the rest the cheap one, each with the other
 * as fallback. A reached budget means an answer without a model. A sensitive turn never leaves for a foreign model:
 * it is handed over, also when no model is configured.
 */
export function chooseModel(item: TurnItem, settings: ModelSettings): ModelChoice {
	const { classification } = item;
	if (classification?.route === 'template' || classification?.route === 'facts')
		return { kind: 'none', reason: 'route_is_free' };
	if (classification?.sensitive === true && settings.modelIsLocal !== true)
		return { kind: 'handover', reason: 'sensitive' };
	const cheap = named(settings.cheapModel);
	const strong = named(settings.strongModel);
	const complex = classification?.route === 'complex';
	const [model, ...fallback] = [
		...new Set((complex ? [strong, cheap] : [cheap, strong]).filter((name) => name !== null)),
	];
	if (settings.provider === 'none' || model === undefined) return { kind: 'none', reason: 'no_model_configured' };
	const budget = settings.monthlyBudgetTiyn ?? null;
	if (budget !== null && (settings.spentTiyn ?? 0) >= budget) return { kind: 'none', reason: 'budget_reached' };
	return {
		kind: 'call',
		model,
		fallback,
		temperature: settings.temperature ?? DEFAULT_TEMPERATURE,
		maxOutputTokens: MAX_OUTPUT_TOKENS,
		reason: complex ? 'complex question: strong model' : 'simple question: cheap model',
	};
}

/** The client's own choice of models wins over the credential's; an empty name counts as none. */
export function mergeModelSettings(
	credential: Pick<ModelSettings, 'provider' | 'cheapModel' | 'strongModel' | 'modelIsLocal'>,
	client: {
		readonly cheap?: string;
		readonly strong?: string;
		readonly temperature?: number;
		readonly monthlyBudgetTiyn?: number;
	},
	spentTiyn: number,
): ModelSettings {
	return {
		...credential,
		cheapModel: named(client.cheap ?? null) ?? named(credential.cheapModel),
		strongModel: named(client.strong ?? null) ?? named(credential.strongModel),
		...(client.temperature === undefined ? {} : { temperature: client.temperature }),
		monthlyBudgetTiyn: client.monthlyBudgetTiyn ?? null,
		spentTiyn,
	};
}

function named(model: string | null): string | null {
	const name = model?.trim() ?? '';
	return name === '' ? null : name;
}
