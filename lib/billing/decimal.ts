/**
 * Exact decimals as scaled integers: `parseDecimal('0.40', 9)` is 400000000n. Money never passes through a float.
 */
const DECIMAL = /^(\d{1,18})(?:\.(\d+))?$/;

/**
 * @param text   unsigned decimal such as `0.075`; no exponent, no sign
 * @param places digits kept after the point
 * @returns the integer `text × 10^places`, or null when the text is no such decimal or has more places than kept
 */
export function parseDecimal(text: string, places: number): bigint | null {
	const match = DECIMAL.exec(text.trim());
	if (match === null) return null;
	const fraction = (match[2] ?? '').replace(/0+$/, '');
	if (fraction.length > places) return null;
	return BigInt(match[1] + fraction.padEnd(places, '0'));
}

/** Writes a scaled integer with exactly `places` digits after the point. Negative values keep their sign. */
export function formatDecimal(value: bigint, places: number): string {
	const digits = (value < 0n ? -value : value).toString().padStart(places + 1, '0');
	const whole = digits.slice(0, digits.length - places);
	const fraction = places === 0 ? '' : `.${digits.slice(digits.length - places)}`;
	return `${value < 0n ? '-' : ''}${whole}${fraction}`;
}

/** Integer division rounded half up; `dividend` must not be negative. */
export function divideHalfUp(dividend: bigint, divisor: bigint): bigint {
	return (dividend * 2n + divisor) / (divisor * 2n);
}

/** Integer division rounded up; `dividend` must not be negative. */
export function divideUp(dividend: bigint, divisor: bigint): bigint {
	return (dividend + divisor - 1n) / divisor;
}
