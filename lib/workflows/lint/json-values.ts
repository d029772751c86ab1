/** A text or number inside a JSON value, with its path, for example `workflowId.value`. */
export interface JsonLeaf {
	readonly path: string;
	/** What the value is called: the last part of the path, or the `name` beside a `value`, as in n8n's forms. */
	readonly name: string;
	readonly value: string | number;
}

/** Every text and number inside a JSON value; indexes of arrays are parts of the path. */
export function* leavesOf(value: unknown, path = '', name = path): Generator<JsonLeaf> {
	if (typeof value === 'string' || typeof value === 'number') yield { path, name, value };
	else if (typeof value === 'object' && value !== null) {
		// Headers, assignments and body fields are rows of the form {name: 'Authorization', value: '...'}.
		const called = 'name' in value && typeof value.name === 'string' ? value.name : 'value';
		for (const [key, entry] of Object.entries(value)) {
			const entryName = key === 'value' ? called : key;
			yield* leavesOf(entry, path === '' ? key : `${path}.${key}`, Array.isArray(value) ? name : entryName);
		}
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
