/** A JSON object whose fields are not known to be anything. */
export type Body = Readonly<Record<string, unknown>>;

/** True for a JSON object, false for lists and null. */
export function isRecord(value: unknown): value is Body {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object under this key, or null. */
export function part(body: Body, key: string): Body | null {
	const value = body[key];
	return isRecord(value) ? value : null;
}

/** No call has so many tokens, and four such counts still fit the columns of the bill. */
const MAX_COUNT = 500_000_000;

/** The count under this key; null unless it is a whole number from 0 to half a billion. */
export function count(body: Body | null, key: string): number | null {
	const value = body?.[key];
	return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= MAX_COUNT ? value : null;
}

/** The first of these keys that holds a count. */
export function firstCount(body: Body, keys: readonly string[]): number | null {
	for (const key of keys) {
		const value = count(body, key);
		if (value !== null) return value;
	}
	return null;
}
