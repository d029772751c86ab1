/** Lenient reading of foreign JSON: a value of another type counts as absent, never as an error. */

export type JsonObject = Readonly<Record<string, unknown>>;

/** 9999-12-31T23:59:59.999Z, the last instant that ISO 8601 and PostgreSQL write alike. */
const LAST_INSTANT_MS = 253_402_300_799_999;
/** Numbers below are seconds, above milliseconds: 100,000,000,000 s is the year 5138, the same in ms is 1973. */
const SECONDS_LIMIT = 100_000_000_000;

export function asObject(value: unknown): JsonObject | null {
	return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : null;
}

/** The elements of an array; none when it is something else. */
export function asArray(value: unknown): readonly unknown[] {
	return Array.isArray(value) ? (value as readonly unknown[]) : [];
}

/**
 * The first non-empty string (numbers are written out) among the values; null when there is none.
 *
 * NUL characters and halves of surrogate pairs are taken out: PostgreSQL stores neither, and one such character
 * would make it refuse the whole delivery.
 */
export function firstText(...values: readonly unknown[]): string | null {
	for (const value of values) {
		if (typeof value === 'string' && value.trim() !== '') return storableText(value);
		if (typeof value === 'number' && Number.isFinite(value)) return String(value);
	}
	return null;
}

/** A point in time from seconds, milliseconds or ISO text; null when it is none of them or after the year 9999. */
export function asInstant(value: unknown): Date | null {
	if (typeof value === 'string' && !/^\d+$/.test(value)) return instant(Date.parse(value));
	const number = typeof value === 'string' ? Number(value) : value;
	if (typeof number !== 'number') return null;
	return instant(number < SECONDS_LIMIT ? number * 1000 : number);
}

function instant(millis: number): Date | null {
	return millis > 0 && millis <= LAST_INSTANT_MS ? new Date(millis) : null;
}

function storableText(text: string): string {
	return text.replaceAll('\0', '').replace(/\p{Surrogate}/gu, '\u{fffd}');
}
