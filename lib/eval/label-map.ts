/** Foreign labels of a data set, said in ours: `{"their label": "our label" | ["main", "other"] | null}`. */
import type { IntentRow } from './intent-rows';

/** Null: rows with this label are left out. */
export type LabelMap = ReadonlyMap<string, readonly string[] | null>;

/** Reads the parsed JSON of a map; a problem names the key that is wrong. */
export function parseLabelMap(data: unknown): { readonly map: LabelMap } | { readonly problem: string } {
	if (typeof data !== 'object' || data === null || Array.isArray(data))
		return { problem: 'an object {"label in the file": "our label", or a list, or null to skip} is expected' };
	const map = new Map<string, readonly string[] | null>();
	for (const [label, value] of Object.entries(data as Record<string, unknown>)) {
		const list: readonly unknown[] = Array.isArray(value) ? value : [value];
		if (value === null || list.length === 0) map.set(label, null);
		else if (list.every((entry): entry is string => typeof entry === 'string' && entry !== '')) map.set(label, list);
		else return { problem: `"${label}": a label, a list of labels or null is expected` };
	}
	return { map };
}

/**
 * Rows with their labels translated; labels that the map does not name stay as they are. A row whose labels are all
 * mapped to null is left out.
 */
export function mapLabels(rows: readonly IntentRow[], map: LabelMap): readonly IntentRow[] {
	return rows.flatMap((row) => {
		const labels = [...new Set(row.labels.flatMap((label) => (map.has(label) ? (map.get(label) ?? []) : [label])))];
		return labels.length === 0 ? [] : [{ ...row, labels }];
	});
}
