import type { HandoverReason, ReplyLanguage, TurnItem } from '../item/turn-item';

const DEFAULT_TEMPERATURE = 0.2;
const MAX_OUTPUT_TOKENS = 400;

/** Endpoints of the credential: the one of the installation, a second one for bad days, one on machines of the business. */
export const ENDPOINT_NAMES = ['main', 'backup', 'local'] as const;
export type EndpointName = (typeof ENDPOINT_NAMES)[number];

/** One model at one of the credential's endpoints. */
export interface ModelRef {
	readonly endpoint: EndpointName;
	readonly model: string;
}

/** What the installation's credential and the client's settings say about models, already merged by {@link mergeModelSettings}. */
export interface ModelSettings {
	readonly provider: 'openaiCompatible' | 'anthropic' | 'none';
	readonly cheapModel: string | null;
	readonly strongModel: string | null;
	/** Model of the local endpoint; null when there is none. */
	readonly localModel?: string | null;
	/** Model of the backup endpoint; null when there is none. */
	readonly backupModel?: string | null;
	/** Asked in this order after the first one; absent: the other of cheap and strong, then the backup. */
	readonly fallback?: readonly string[];
	readonly temperature?: number;
	/** True when the main model runs on the business's own machine, so that personal data may be shown to it. */
	readonly modelIsLocal?: boolean;
}

export type ModelChoice =
	| { readonly kind: 'none'; readonly reason: 'route_is_free' | 'no_model_configured' }
	| {
			readonly kind: 'call';
			/** In the order in which they are tried; never empty. */
			readonly chain: readonly ModelRef[];
			/** True when a model of the chain is not the business's own: personal data is hidden from all of them. */
			readonly hidePersonalData: boolean;
			readonly temperature: number;
			readonly maxOutputTokens: number;
			readonly reason: string;
	  }
	| { readonly kind: 'handover'; readonly reason: HandoverReason };

/**
 * Decides whether a turn is written by a model, and by which.
 *
 * Template and fact routes are free; complex ones get the strong model, the rest the cheap one. A sensitive turn is shown
 * to a local model only; without one it is shown to others when its personal data can be hidden, else handed over.
 *
 * @param mayHide whether the personal data of this turn can be replaced by placeholders; see `canHide`
 */
export function chooseModel(item: TurnItem, settings: ModelSettings, mayHide: boolean): ModelChoice {
	const { classification } = item;
	if (classification?.route === 'template' || classification?.route === 'facts')
		return { kind: 'none', reason: 'route_is_free' };
	const complex = classification?.route === 'complex';
	const chain = chainOf(settings, complex);
	if (classification?.sensitive === true) {
		const local = localChain(chain, settings);
		if (local.length > 0) return call(settings, local, 'sensitive: local model', false);
		if (!mayHide) return { kind: 'handover', reason: 'sensitive' };
	}
	if (chain.length === 0) return { kind: 'none', reason: 'no_model_configured' };
	return call(
		settings,
		chain,
		complex ? 'complex question: strong model' : 'simple question: cheap model',
		chain.some((ref) => !isLocal(ref, settings)),
	);
}

/** The chain for one quick question about a turn (its intent): the cheap model, or the local one for a sensitive turn. */
export function chooseQuickModel(sensitive: boolean, settings: ModelSettings): readonly ModelRef[] {
	const chain = chainOf({ ...settings, fallback: [] }, false);
	return sensitive ? localChain(chain, settings).slice(0, 1) : chain.slice(0, 1);
}

/** True for a model on machines of the business itself. */
export function isLocal(ref: ModelRef, settings: Pick<ModelSettings, 'modelIsLocal'>): boolean {
	return ref.endpoint === 'local' || (ref.endpoint === 'main' && settings.modelIsLocal === true);
}

/** Reads `local:qwen3:8b`, `backup:gpt-4.1-mini` or a plain name, which is a model of the main endpoint. */
export function parseModelRef(text: string): ModelRef | null {
	const name = text.trim();
	const prefixed = /^(main|backup|local):(.*)$/su.exec(name);
	const endpoint = (prefixed?.[1] ?? 'main') as EndpointName;
	const model = (prefixed?.[2] ?? name).trim();
	return model === '' ? null : { endpoint, model };
}

/** The part of a client's settings that chooses models. */
export interface ClientModels {
	readonly cheap?: string;
	readonly strong?: string;
	readonly local?: string;
	readonly fallback?: readonly string[];
	readonly temperature?: number;
	readonly languages?: Readonly<Partial<Record<ReplyLanguage, { readonly cheap?: string; readonly strong?: string }>>>;
	readonly providers?: Readonly<
		Partial<Record<'openaiCompatible' | 'anthropic', { readonly cheap?: string; readonly strong?: string }>>
	>;
}

/**
 * The client's own choice of models wins over the credential's; an empty name counts as none.
 *
 * Of the client's names the one for the reply's language wins, then the one for the credential's provider.
 */
export function mergeModelSettings(
	credential: Pick<
		ModelSettings,
		'provider' | 'cheapModel' | 'strongModel' | 'modelIsLocal' | 'localModel' | 'backupModel'
	>,
	client: ClientModels,
	language: ReplyLanguage,
): ModelSettings {
	const own = (size: 'cheap' | 'strong'): string | null =>
		named(client.languages?.[language]?.[size]) ??
		(credential.provider === 'none' ? null : named(client.providers?.[credential.provider]?.[size])) ??
		named(client[size]);
	return {
		...credential,
		cheapModel: own('cheap') ?? named(credential.cheapModel),
		strongModel: own('strong') ?? named(credential.strongModel),
		// Without the endpoint there is nothing the client's name could be asked at.
		localModel: named(credential.localModel) === null ? null : (named(client.local) ?? named(credential.localModel)),
		...(client.fallback === undefined ? {} : { fallback: client.fallback }),
		...(client.temperature === undefined ? {} : { temperature: client.temperature }),
	};
}

function chainOf(settings: ModelSettings, complex: boolean): readonly ModelRef[] {
	if (settings.provider === 'none') return [];
	const { cheapModel, strongModel, backupModel } = settings;
	const [first, second] = complex ? [strongModel, cheapModel] : [cheapModel, strongModel];
	const main = named(first) ?? named(second);
	const backup = named(backupModel);
	const rest = settings.fallback ?? [second ?? '', ...(backup === null ? [] : [`backup:${backup}`])];
	const chain = [main ?? '', ...rest].map(parseModelRef).filter((ref) => ref !== null && isOffered(ref, settings));
	return distinct(chain as readonly ModelRef[]);
}

function localChain(chain: readonly ModelRef[], settings: ModelSettings): readonly ModelRef[] {
	const own = named(settings.localModel);
	return distinct([
		...(own === null ? [] : [{ endpoint: 'local', model: own } as const]),
		...chain.filter((ref) => isLocal(ref, settings)),
	]);
}

function isOffered(ref: ModelRef, settings: ModelSettings): boolean {
	if (ref.endpoint === 'local') return named(settings.localModel) !== null;
	if (ref.endpoint === 'backup') return named(settings.backupModel) !== null;
	return true;
}

function call(
	settings: ModelSettings,
	chain: readonly ModelRef[],
	reason: string,
	hidePersonalData: boolean,
): ModelChoice {
	return {
		kind: 'call',
		chain,
		hidePersonalData,
		temperature: settings.temperature ?? DEFAULT_TEMPERATURE,
		maxOutputTokens: MAX_OUTPUT_TOKENS,
		reason,
	};
}

function distinct(chain: readonly ModelRef[]): readonly ModelRef[] {
	const seen = new Set<string>();
	return chain.filter(({ endpoint, model }) => {
		const key = `${endpoint}:${model}`;
		return !seen.has(key) && seen.add(key).size > 0;
	});
}

function named(model: string | null | undefined): string | null {
	const name = model?.trim() ?? '';
	return name === '' ? null : name;
}
