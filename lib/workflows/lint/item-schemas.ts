import { CLAIMED_TURN_SCHEMA, HANDOVER_DUE_SCHEMA, MANAGER_EVENT_SCHEMA, OUTBOX_SCHEMA } from '../../inbox/work-item';
import { TURN_ITEM_SCHEMA } from '../../item/turn-item';
import type { WorkflowFile, WorkflowNode } from '../workflow-file';
import { aboutText } from './about-sticky';
import { everyOutput, followItems, type Arrival, type Emission, type Place } from './item-flow';
import { trufflesType } from './node-kinds';

/** The items that travel between our workflows; each is validated with ajv where it comes in. */
export const ITEM_SCHEMAS: readonly string[] = [
	TURN_ITEM_SCHEMA,
	CLAIMED_TURN_SCHEMA,
	MANAGER_EVENT_SCHEMA,
	HANDOVER_DUE_SCHEMA,
	OUTBOX_SCHEMA,
];

/** What the outputs of the inbox trigger carry: Turns, Handover work, Outbox. */
const OF_THE_INBOX: readonly (readonly string[])[] = [
	[CLAIMED_TURN_SCHEMA],
	[MANAGER_EVENT_SCHEMA, HANDOVER_DUE_SCHEMA],
	[OUTBOX_SCHEMA],
];
/** "Open conversation": Ready, Held. */
const OPENED = [0, 1];
/** Handover Adapter: Reply to customer. */
const REPLY_TO_CUSTOMER = 0;

/** The schemas that the Inputs line of a workflow's first sticky names. */
export function declaredSchemas(file: WorkflowFile): string[] {
	const inputs = aboutText(file.json.nodes[0]?.parameters.content, 'Inputs');
	return [...inputs.matchAll(/`(truffles\.[a-z-]+\/\d+)`/g)].map((match) => match[1] ?? '');
}

function seeds({ node }: Place): Emission[] {
	if (trufflesType(node) !== 'trufflesInboxTrigger') return [];
	return OF_THE_INBOX.flatMap((schemas, output) => schemas.map((mark) => ({ output, mark })));
}

function pass(place: Place, mark: string): Emission[] {
	const type = trufflesType(place.node);
	if (type === 'trufflesConversation' && place.node.parameters.operation !== 'failTurn') {
		return everyOutput(place, mark).map(({ output }) => ({
			output,
			mark: OPENED.includes(output) ? TURN_ITEM_SCHEMA : mark,
		}));
	}
	if (type === 'handoverAdapter') {
		const onward = everyOutput(place, mark).map(({ output }) => ({
			output,
			mark: output === REPLY_TO_CUSTOMER ? TURN_ITEM_SCHEMA : mark,
		}));
		return mark === MANAGER_EVENT_SCHEMA ? onward.filter(({ output }) => output !== REPLY_TO_CUSTOMER) : onward;
	}
	return everyOutput(place, mark);
}

/** Every item schema that reaches every node, followed from the inbox trigger through all calls; `mark` is the schema. */
export function followSchemas(files: readonly WorkflowFile[]): Arrival[] {
	return followItems(files, seeds, pass);
}

/** The field names that a called trigger declares, with their types; null when it takes items as they come. */
export function declaredFields(trigger: WorkflowNode): ReadonlyMap<string, string> | null {
	const { inputSource = 'workflowInputs', workflowInputs, jsonExample } = trigger.parameters;
	if (inputSource === 'passthrough') return null;
	if (inputSource === 'jsonExample') return fieldsOfExample(jsonExample);
	const values: unknown = (workflowInputs as { values?: unknown } | undefined)?.values;
	const rows = (Array.isArray(values) ? values : []) as { name?: unknown; type?: unknown }[];
	// n8n leaves out the type when it is "string".
	return new Map(rows.map(({ name, type = 'string' }) => [String(name ?? ''), String(type)]));
}

function fieldsOfExample(text: unknown): ReadonlyMap<string, string> {
	try {
		const example: unknown = JSON.parse(String(text));
		return new Map(
			Object.entries(example as object).map(([name, value]) => [name, Array.isArray(value) ? 'array' : typeof value]),
		);
	} catch {
		return new Map();
	}
}
