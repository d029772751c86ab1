/** The trained classifier of a client: the one of the package, moved by the examples of the client's packs. */

import { foldWords } from '../language/fold-text';
import type { ClientPack } from '../pack/client-pack';
import type { DomainPack } from '../pack/domain-pack';
import base from './base-model.json';
import { findAmountsTiyn, findDateTimes } from './entities';
import { intentSignals } from './intent-signals';
import { trainClassifier, type LabelledMessage, type LocalClassifier } from './local-classifier';
import { packClassifier, unpackClassifier, type PackedClassifier } from './packed-classifier';
import { findPersonalData } from './personal-data';

const NOTHING = {};
const cache = new WeakMap<object, WeakMap<object, LocalClassifier>>();
let unpacked: LocalClassifier | null = null;

/** Trains the package's own classifier; `npm run train-classifier` stores the result as base-model.json. */
export function trainIntents(examples: readonly LabelledMessage[]): PackedClassifier {
	return packClassifier(trainClassifier(examples.map(withSignals)));
}

/** The classifier for a client; adapted once per pair of pack objects. */
export function intentClassifier(pack: ClientPack | null, domain: DomainPack | null): LocalClassifier {
	const byDomain = cache.get(pack ?? NOTHING) ?? new WeakMap<object, LocalClassifier>();
	cache.set(pack ?? NOTHING, byDomain);
	const known = byDomain.get(domain ?? NOTHING);
	if (known !== undefined) return known;
	unpacked ??= unpackClassifier(base);
	const adapted = unpacked.adapt([...packExamples(domain), ...packExamples(pack)].map(withSignals));
	byDomain.set(domain ?? NOTHING, adapted);
	return adapted;
}

function packExamples(pack: ClientPack | DomainPack | null): readonly LabelledMessage[] {
	if (pack === null) return [];
	const lists: readonly (readonly [string, readonly string[]])[] =
		'intents' in pack
			? Object.entries(pack.intents).map(([intent, { examples }]) => [intent, examples])
			: Object.entries(pack.examples ?? {});
	return lists.flatMap(([intent, texts]) => texts.map((text) => ({ text, labels: [intent] })));
}

/** An example as the classifier sees a message, with the signals of the rules. */
export function withSignals(example: LabelledMessage): LabelledMessage {
	return { ...example, signals: signalsOf(example.text) };
}

/** Signals of a text, as the classifier was trained with them. */
export function signalsOf(text: string): readonly string[] {
	return intentSignals(foldWords(text), {
		dateTimes: findDateTimes(text),
		amountsTiyn: findAmountsTiyn(text),
		hasPhone: findPersonalData(text).includes('phone'),
	});
}
