import { admitModel, type PriceTable } from '../billing/price';
import type { ModelTarget } from './model-target';

export interface PricePolicy {
	/** `ceiling`: a model without a price is called and charged as the dearest; `refuse`: it is not called. */
	readonly unknownModel: 'ceiling' | 'refuse';
	/** `replace`: what the price table names, else the next model of the chain; `refuse`: no model is asked at all. */
	readonly retiredModel: 'replace' | 'refuse';
}

export interface PricedChain {
	readonly targets: readonly ModelTarget[];
	/** What was left out or replaced and why, for people. */
	readonly notes: readonly string[];
}

/** The chain without models that must not be called; retired ones are replaced or refused. A chain can become empty. */
export function admitByPrice(
	targets: readonly ModelTarget[],
	policy: PricePolicy,
	at: Date,
	prices: PriceTable,
): PricedChain {
	const admitted: ModelTarget[] = [];
	const notes: string[] = [];
	for (const target of targets) {
		const { model } = target;
		const admission = admissionOf(target, policy, at, prices);
		if (admission.kind === 'priced') admitted.push(target);
		else if (admission.kind === 'unknown') notes.push(`model ${model}: not in the price table, not called`);
		else if (policy.retiredModel === 'refuse') {
			return { targets: [], notes: [...notes, `model ${model}: retired by its provider, no model is asked`] };
		} else {
			const replacement = admission.replacement === null ? null : { ...target, model: admission.replacement };
			const isUsable = replacement !== null && admissionOf(replacement, policy, at, prices).kind === 'priced';
			if (isUsable) admitted.push(replacement);
			notes.push(
				`model ${model}: retired by its provider, ${isUsable ? `${replacement.model} is asked instead` : 'not called'}`,
			);
		}
	}
	return { targets: withoutRepeats(admitted), notes };
}

function admissionOf(
	target: ModelTarget,
	policy: PricePolicy,
	at: Date,
	prices: PriceTable,
): Pick<ReturnType<typeof admitModel>, 'kind'> & { readonly replacement: string | null } {
	if (target.isLocal) return { kind: 'priced', replacement: null };
	const admission = admitModel(target.llm.provider, target.model, at, policy.unknownModel, prices);
	return { kind: admission.kind, replacement: admission.kind === 'retired' ? admission.replacement : null };
}

function withoutRepeats(targets: readonly ModelTarget[]): readonly ModelTarget[] {
	return targets.filter(
		({ llm, model }, index) => targets.findIndex((other) => other.llm === llm && other.model === model) === index,
	);
}
