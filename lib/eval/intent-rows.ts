/** Lines of labelled messages: `{"text", "intent": one or a list, "language"?}`. */

export interface IntentRow {
	readonly text: string;
	/** The main one first; each once; at least one. */
	readonly labels: readonly string[];
	/** Null when the line gives none. */
	readonly language: string | null;
}

/** A row, or what is wrong with the line. `intents` and `label` are read as `intent`; other keys are left alone. */
export function readIntentRow(value: unknown): { readonly row: IntentRow } | { readonly problem: string } {
	if (typeof value !== 'object' || value === null || Array.isArray(value))
		return { problem: 'an object {"text", "intent"} is expected' };
	const line = value as Record<string, unknown>;
	if (typeof line['text'] !== 'string') return { problem: '"text" must be a string' };
	const given = line['intent'] ?? line['intents'] ?? line['label'];
	const labels: readonly unknown[] = Array.isArray(given) ? given : [given];
	if (labels.length === 0 || !labels.every(isLabel))
		return { problem: '"intent" must be a label or a list of labels, each a string or a whole number' };
	const language = line['language'] ?? null;
	if (language !== null && typeof language !== 'string') return { problem: '"language" must be a string' };
	return { row: { text: line['text'], labels: [...new Set(labels.map(String))], language: language || null } };
}

/** Public sets often number their labels. */
function isLabel(label: unknown): boolean {
	return (typeof label === 'string' && label !== '') || Number.isSafeInteger(label);
}
