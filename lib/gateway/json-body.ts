/** Deeper bodies are refused: no channel nests more than about ten levels, and what walks them recurses. */
export const MAX_BODY_DEPTH = 64;

/** A body as data, or what is wrong with it; the problem never quotes it. */
export type JsonBody =
	{ readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly problem: string };

/** Reads the raw bytes of a delivery. Numbers that JavaScript cannot hold exactly are read as it reads them. */
export function parseJsonBody(raw: Buffer): JsonBody {
	let value: unknown;
	try {
		value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(raw));
	} catch {
		return { ok: false, problem: 'it is not JSON in UTF-8' };
	}
	if (isDeeperThan(value, MAX_BODY_DEPTH)) return { ok: false, problem: `it is nested deeper than ${MAX_BODY_DEPTH}` };
	return { ok: true, value };
}

/** Level by level, not by recursion: this is what protects others from running out of stack. */
function isDeeperThan(value: unknown, maxDepth: number): boolean {
	let level = [value];
	for (let depth = 0; level.length > 0; depth += 1) {
		if (depth > maxDepth) return true;
		level = level.flatMap((node) => (typeof node === 'object' && node !== null ? Object.values(node) : []));
	}
	return false;
}
