import {
	type IDataObject,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
	NodeConnectionTypes,
} from 'n8n-workflow';

import { failTurn } from '../../lib/conversation/fail-turn';
import { ERRORS, type ErrorCode, TrufflesError } from '../../lib/errors';
import { isWorthAnotherAttempt } from '../../lib/inbox/retry-policy';
import { CLAIMED_TURN_SCHEMA, parseWorkItem } from '../../lib/inbox/work-item';
import { parseTurnItem } from '../../lib/item/turn-item-schema';
import { fallbackText } from '../../lib/reply/fixed-texts';
import { GROUPED_ITEMS_AT_ONCE, type Routed, routeEachItem, turnJson } from '../shared/each-item';
import type { Platform } from '../shared/platform';
import { connectOnce, requirePlatform } from '../shared/platform-access';
import { testPlatformCredential } from '../shared/platform-credential-test';

const READY = 0;
const HELD = 1;
/** An output index that no output has: the item ends here. */
const NOWHERE = -1;

/** Opens a claimed turn (client, user, conversation, saved messages), or ends one that failed. */
export class TrufflesConversation implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Truffles Conversation',
		name: 'trufflesConversation',
		icon: { light: 'file:trufflesConversation.svg', dark: 'file:trufflesConversation.dark.svg' },
		group: ['transform'],
		version: 1,
		subtitle: '={{ $parameter["operation"] === "failTurn" ? "fail turn" : "open" }}',
		description:
			'Resolves client, user and conversation of a claimed turn, or ends a failed turn with fallback text and handover',
		defaults: { name: 'Open conversation' },
		// Not a tool: it belongs to the main flow only.
		usableAsTool: undefined,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main, NodeConnectionTypes.Main],
		outputNames: ['Ready', 'Held'],
		credentials: [{ name: 'trufflesPlatformApi', required: true, testedBy: 'trufflesPlatformApiTest' }],
		properties: [
			{
				displayName: 'Operation',
				name: 'operation',
				type: 'options',
				noDataExpression: true,
				options: [
					{
						name: 'Fail Turn',
						value: 'failTurn',
						description: 'Record the failure, give the customer the fallback text and a manager the handover',
						action: 'Fail turn',
					},
					{
						name: 'Open',
						value: 'open',
						description: 'Make the standard item of a turn that the inbox trigger has claimed',
						action: 'Open conversation',
					},
				],
				default: 'open',
			},
			{
				displayName: 'Ready: go on. Held: a manager is active, only managers get the message.',
				name: 'outputsNotice',
				type: 'notice',
				default: '',
				displayOptions: { show: { operation: ['open'] } },
			},
		],
	};

	methods = { credentialTest: { trufflesPlatformApiTest: testPlatformCredential } };

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const operation = this.getNodeParameter('operation', 0) as string;
		const platform = connectOnce(async () => await requirePlatform(this));
		const executionId = this.getExecutionId();
		if (operation === 'failTurn')
			return await routeEachItem(this, 2, async ({ json }) => await fail(await platform(), json, executionId));
		return await routeEachItem(this, 2, async ({ json }) => await open(await platform(), json), GROUPED_ITEMS_AT_ONCE);
	}
}

async function open(platform: Platform, json: IDataObject): Promise<Routed> {
	const claim = parseWorkItem(json);
	if (claim === null || claim.schema !== CLAIMED_TURN_SCHEMA) {
		throw new TrufflesError('TRF_ITEM_INVALID', { problem: 'expected a claimed turn of the inbox trigger' });
	}
	const opened = await platform.openTurn.do(claim.clientId, claim);
	if (opened.kind === 'ready') return { output: READY, json: turnJson(opened.item) };
	if (opened.kind === 'held') return { output: HELD, json: turnJson(opened.item) };
	return { output: NOWHERE, json: {} };
}

/**
 * Ends the turn of an item that came out of an error output. A failure that may pass, a turn that was not opened yet, and
 * work that is no turn, is left without an outcome: the inbox trigger runs it again after its backoff, and parks it in the end.
 */
async function fail(platform: Platform, json: IDataObject, executionId: string): Promise<Routed> {
	const { error, ...rest } = json;
	const parsed = parseTurnItem(rest);
	if (!parsed.ok) return { output: READY, json: { ...rest, outcome: null } };
	const { item } = parsed;
	const failure = readFailure(error);
	if (isWorthAnotherAttempt(failure.code, item.turn.attempt))
		return { output: READY, json: { ...rest, outcome: null } };
	const outcome = await platform.db.asClient(
		item.client.id,
		async (tx) =>
			await failTurn(
				tx,
				item.client.id,
				{ turnId: item.turn.id, attempt: item.turn.attempt },
				{ ...failure, where: 'flow', executionId },
				fallbackText,
			),
	);
	return { output: READY, json: turnJson({ ...item, outcome: outcome ?? item.outcome }) };
}

function readFailure(error: unknown): { code: ErrorCode; problem: string } {
	const details = typeof error === 'object' && error !== null ? (error as { code?: unknown; message?: unknown }) : {};
	const code =
		typeof details.code === 'string' && Object.hasOwn(ERRORS, details.code)
			? (details.code as ErrorCode)
			: 'TRF_TURN_FAILED';
	// Only our own catalogue's texts are known to hold no customer's words.
	return { code, problem: code === 'TRF_TURN_FAILED' ? 'a step of the flow failed' : String(details.message ?? '') };
}
