/** Lenient reading of foreign JSON: a value of another type counts as absent, never as an error. */

export type JsonObject = Readonly<Record<string, unknown>>;

export function asObject(value: unknown): JsonObject | null {
	return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : null;
}

/** The first non-empty string (numbers are written out) among the values; null when there is none. */
export function firstText(...values: readonly unknown[]): string | null {
	for (const value of values) {
		if (typeof value === 'string' && value.trim() !== '') return value;
		if (typeof value === 'number' && Number.isFinite(value)) return String(value);
	}
	return null;
}

/** A point in time from seconds, milliseconds or ISO text; null when it is none of them. */
export function asInstant(value: unknown): Date | null {
	const SECONDS_LIMIT = 100_000_000_000;
	if (typeof value === 'string' && !/^\d+$/.test(value)) {
		const millis = Date.parse(value);
		return Number.isNaN(millis) ? null : new Date(millis);
	}
	const number = typeof value === 'string' ? Number(value) : value;
	if (typeof number !== 'number' || !Number.isFinite(number) || number <= 0) return null;
	return new Date(number < SECONDS_LIMIT ? number * 1000 : number);
}
