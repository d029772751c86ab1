/** Built-in texts for customers and managers in both languages, and the client's own wording over them. */
import type { ReplyLanguage } from '../item/turn-item';
import kk from './kk.json';
import ru from './ru.json';

export type TextKey = keyof typeof ru;
/** The client's own wording: key to text, per language. Placeholders are those of the built-in text. */
export type TextOverrides = Readonly<Partial<Record<ReplyLanguage, Readonly<Partial<Record<TextKey, string>>>>>>;
export type TextValues = Readonly<Record<string, string | number>>;

/** `kk` must have every key of `ru`; the compiler refuses a missing one, a test compares placeholders. */
const CATALOGUE: Readonly<Record<ReplyLanguage, Readonly<Record<TextKey, string | readonly string[]>>>> = { ru, kk };

export interface TextOptions {
	readonly overrides?: TextOverrides;
	/** 0 (inclusive) to 1 (exclusive): chooses among the variants of a text; 0 when absent. */
	readonly random?: number;
}

/** The text of a key with its placeholders filled in; a value that is not given stays visible as `{name}`. */
export function text(
	language: ReplyLanguage,
	key: TextKey,
	values: TextValues = {},
	options: TextOptions = {},
): string {
	const own = options.overrides?.[language]?.[key];
	const variants = own === undefined ? variantsOf(language, key) : [own];
	const chosen = variants[Math.min(variants.length - 1, Math.floor((options.random ?? 0) * variants.length))] ?? '';
	return chosen.replace(/\{(\w+)\}/gu, (placeholder, name: string) => String(values[name] ?? placeholder));
}

/** All variants of a text, as written. A list such as the weekdays is read by index through this. */
export function variantsOf(language: ReplyLanguage, key: TextKey): readonly string[] {
	const entry = CATALOGUE[language][key];
	return typeof entry === 'string' ? [entry] : entry;
}

/**
 * True when `said` is this text in either language, whatever the placeholders held.
 *
 * @param place `whole`: nothing else is said; `anywhere`: other sentences may stand around it
 */
export function isText(said: string, key: TextKey, place: 'whole' | 'anywhere' = 'whole'): boolean {
	return (['ru', 'kk'] as const).some((language) =>
		variantsOf(language, key).some((variant) => {
			const pattern = variant
				.split(/\{\w+\}/u)
				.map((part) => part.replace(/[.*+?^${}()|[\]\\]/gu, '\\$&'))
				.join('[\\s\\S]*');
			return new RegExp(place === 'whole' ? `^${pattern}$` : pattern, 'u').test(said.trim());
		}),
	);
}
