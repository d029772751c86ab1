/** A workflow as it is kept in `workflows/`, and how its text becomes a checked value. */

export interface WorkflowNode {
	readonly id: string;
	readonly name: string;
	readonly type: string;
	readonly typeVersion: number;
	readonly position: readonly number[];
	readonly parameters: Readonly<Record<string, unknown>>;
	readonly credentials?: Readonly<Record<string, { readonly id?: string; readonly name: string }>>;
	readonly webhookId?: string;
	readonly onError?: string;
	readonly retryOnFail?: boolean;
	readonly disabled?: boolean;
	/** Keys that we do not know are carried as they are. */
	readonly [key: string]: unknown;
}

export interface Connection {
	readonly node: string;
	readonly type: string;
	readonly index: number;
}

/** Source node name -> connection type -> output index -> targets; n8n writes null for an output that was never connected. */
export type Connections = Readonly<Record<string, Readonly<Record<string, readonly (readonly Connection[] | null)[]>>>>;

export interface WorkflowJson {
	readonly name: string;
	readonly nodes: readonly WorkflowNode[];
	readonly connections: Connections;
	readonly settings: Readonly<Record<string, unknown>>;
	readonly [key: string]: unknown;
}

/** One file of `workflows/`; `key` is the file stem and the workflow's name, its identity in every environment. */
export interface WorkflowFile {
	readonly key: string;
	readonly json: WorkflowJson;
}

/** Something wrong that a person must change. `key` names the workflow, null for what belongs to none. */
export interface WorkflowProblem {
	readonly code: string;
	readonly key: string | null;
	readonly message: string;
}

export type ParsedWorkflowFile =
	| { readonly ok: true; readonly file: WorkflowFile }
	| { readonly ok: false; readonly problems: readonly WorkflowProblem[] };

/** A JSON object, as opposed to an array, a scalar or null. */
export function isJsonObject(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Reads one workflow file.
 *
 * @param fileName the name without folders, for example `3_WhatsApp_Adapter.json`; its stem is the key
 * @returns the file, or every problem of its shape at once. Rules about its content are the linter's (`lint/`).
 */
export function parseWorkflowFile(fileName: string, text: string): ParsedWorkflowFile {
	const key = fileName.replace(/\.json$/, '');
	const problems: WorkflowProblem[] = [];
	const report = (message: string): void => void problems.push({ code: 'workflow-shape', key, message });
	let json: unknown;
	try {
		json = JSON.parse(text);
	} catch (error) {
		report(`is not JSON: ${error instanceof Error ? error.message : 'unreadable'}`);
		return { ok: false, problems };
	}
	if (!isJsonObject(json)) {
		report('must be one JSON object');
		return { ok: false, problems };
	}
	if (json.name !== key) report(`name must be "${key}" like the file, found ${JSON.stringify(json.name)}`);
	if (!isJsonObject(json.connections)) report('connections must be an object');
	else checkConnections(json.connections, report);
	if (!isJsonObject(json.settings)) report('settings must be an object');
	if (Array.isArray(json.nodes)) json.nodes.forEach((node, index) => checkNode(node, index, report));
	else report('nodes must be an array');
	return problems.length > 0
		? { ok: false, problems }
		: { ok: true, file: { key, json: json as unknown as WorkflowJson } };
}

function checkNode(node: unknown, index: number, report: (message: string) => void): void {
	if (!isJsonObject(node)) return report(`nodes[${index}] must be an object`);
	const where = `nodes[${index}] (${typeof node.name === 'string' ? node.name : 'no name'})`;
	for (const field of ['id', 'name', 'type'] as const) {
		if (typeof node[field] !== 'string' || node[field] === '') report(`${where}.${field} must be a text`);
	}
	if (typeof node.typeVersion !== 'number') report(`${where}.typeVersion must be a number`);
	const position = node.position;
	if (!Array.isArray(position) || position.length !== 2 || !position.every((value) => typeof value === 'number')) {
		report(`${where}.position must be [x, y]`);
	}
	if (!isJsonObject(node.parameters)) report(`${where}.parameters must be an object`);
	if (node.credentials !== undefined && !hasNamedCredentials(node.credentials))
		report(`${where}.credentials must be {type: {name}}`);
}

function hasNamedCredentials(credentials: unknown): boolean {
	return (
		isJsonObject(credentials) &&
		Object.values(credentials).every((entry) => isJsonObject(entry) && typeof entry.name === 'string')
	);
}

function checkConnections(connections: Record<string, unknown>, report: (message: string) => void): void {
	for (const [source, byType] of Object.entries(connections)) {
		const outputs = isJsonObject(byType) ? Object.values(byType) : [null];
		const wellFormed = outputs.every(
			(perOutput) =>
				Array.isArray(perOutput) &&
				perOutput.every((targets) => targets === null || (Array.isArray(targets) && targets.every(isConnection))),
		);
		if (!wellFormed) report(`connections of "${source}" must be {type: [[{node, type, index}]]}`);
	}
}

function isConnection(target: unknown): boolean {
	return (
		isJsonObject(target) &&
		typeof target.node === 'string' &&
		typeof target.type === 'string' &&
		typeof target.index === 'number'
	);
}
