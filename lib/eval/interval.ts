const Z_95 = 1.959964;

/**
 * 95 % Wilson score interval of a share.
 *
 * @param hits  0..total
 * @returns [0, 1] for an empty sample: nothing is known
 */
export function wilsonInterval(hits: number, total: number): readonly [number, number] {
	if (total === 0) return [0, 1];
	const share = hits / total;
	const spread = Z_95 * Math.sqrt((share * (1 - share)) / total + Z_95 ** 2 / (4 * total ** 2));
	const center = share + Z_95 ** 2 / (2 * total);
	const scale = 1 + Z_95 ** 2 / total;
	return [Math.max(0, (center - spread) / scale), Math.min(1, (center + spread) / scale)];
}
