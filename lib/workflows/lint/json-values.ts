/** A text or number inside a JSON value, with its path, for example `workflowId.value`. */
export interface JsonLeaf {
	readonly path: string;
	/** The last part of the path: what the value is called. */
	readonly name: string;
	readonly value: string | number;
}

/** Every text and number inside a JSON value; indexes of arrays are parts of the path. */
export function* leavesOf(value: unknown, path = '', name = path): Generator<JsonLeaf> {
	if (typeof value === 'string' || typeof value === 'number') yield { path, name, value };
	else if (typeof value === 'object' && value !== null) {
		for (const [key, entry] of Object.entries(value))
			yield* leavesOf(entry, path === '' ? key : `${path}.${key}`, Array.isArray(value) ? name : key);
	}
}

/** Every text inside a JSON value. */
export function* textsIn(value: unknown, path = ''): Generator<{ readonly path: string; readonly text: string }> {
	for (const leaf of leavesOf(value, path))
		if (typeof leaf.value === 'string') yield { path: leaf.path, text: leaf.value };
}

/** Whether n8n evaluates this parameter text. */
export function isExpression(text: string): boolean {
	return text.startsWith('=');
}
