/** Vectors without a model: hashed letter trigrams, so that similar texts are near and runs repeat exactly. */

/** A unit vector of the text; the same text always gives the same vector. */
export function embed(text: string, dimensions: number): Float32Array {
	const vector = new Float32Array(dimensions);
	const letters = ` ${text
		.toLowerCase()
		.replace(/[^\p{L}\p{N}]+/gu, ' ')
		.trim()} `;
	for (let index = 0; index + 3 <= letters.length; index += 1) {
		const hash = fnv1a(letters.slice(index, index + 3));
		const slot = hash % dimensions;
		vector[slot] = (vector[slot] ?? 0) + (hash & 0x8000_0000 ? -1 : 1);
	}
	const length = Math.hypot(...vector) || 1;
	return vector.map((value) => value / length);
}

/** A vector as numbers, or as base64 of little-endian 32-bit floats (what OpenAI's own client asks for). */
export function encodeVector(vector: Float32Array, base64: boolean): number[] | string {
	if (!base64) return [...vector];
	const bytes = Buffer.alloc(vector.length * 4);
	vector.forEach((value, index) => bytes.writeFloatLE(value, index * 4));
	return bytes.toString('base64');
}

/** FNV-1a, 32 bits: small, and well spread over short strings. */
function fnv1a(text: string): number {
	let hash = 0x811c9dc5;
	for (let index = 0; index < text.length; index += 1) {
		hash ^= text.charCodeAt(index);
		hash = Math.imul(hash, 0x01000193) >>> 0;
	}
	return hash >>> 0;
}
