import { type IDataObject, type IExecuteFunctions, type INodeExecutionData, NodeOperationError } from 'n8n-workflow';

import { codeFrames, TrufflesError } from '../../lib/errors';
import type { TurnItem } from '../../lib/item/turn-item';
import { parseTurnItem } from '../../lib/item/turn-item-schema';
import { errorJson, toNodeError } from './node-error';

/** Where one input item goes: the index of a named output and the JSON that leaves there. */
export interface Routed {
	readonly output: number;
	readonly json: IDataObject;
}

/** How many items of a batch wait for the database at the same time; more would only queue in the pool. */
const ITEMS_AT_ONCE = 8;

/** For work that is done for many items in one statement (`Grouped`). */
export const GROUPED_ITEMS_AT_ONCE = 100;

/** For nodes that ask models, which is mostly waiting: a full batch that all needs a slow one takes a few calls long. */
export const MODEL_CALLS_AT_ONCE = 16;

type Attempt = { readonly ok: true; readonly routed: Routed } | { readonly ok: false; readonly error: unknown };

/**
 * Runs `work` for every input item and sorts the results onto `outputCount` outputs, in input order.
 *
 * Every item keeps its own fate. When the node continues on fail, a failing item becomes `{ error }` on the
 * first output (n8n moves it to the error output when there is one) and the rest go on; otherwise the first
 * failure, by position, is thrown after the items already started have finished. Items wait side by side, because
 * one slow model call must not hold the rest of a batch.
 */
export async function routeEachItem(
	context: IExecuteFunctions,
	outputCount: number,
	work: (input: INodeExecutionData, itemIndex: number) => Promise<Routed>,
	itemsAtOnce = ITEMS_AT_ONCE,
): Promise<INodeExecutionData[][]> {
	const inputs = context.getInputData();
	const mayContinue = context.continueOnFail();
	const attempts: Array<Attempt | undefined> = inputs.map(() => undefined);
	let next = 0;
	let stopped = false;

	const runLane = async (): Promise<void> => {
		while (next < inputs.length && !stopped) {
			const itemIndex = next++;
			const input = inputs[itemIndex];
			if (input === undefined) continue;
			try {
				attempts[itemIndex] = { ok: true, routed: await work(input, itemIndex) };
			} catch (error) {
				attempts[itemIndex] = { ok: false, error };
				logForeignError(context, error, itemIndex);
				if (!mayContinue) stopped = true;
			}
		}
	};
	await Promise.all(Array.from({ length: Math.min(itemsAtOnce, inputs.length) }, runLane));

	const outputs: INodeExecutionData[][] = Array.from({ length: outputCount }, () => []);
	attempts.forEach((attempt, itemIndex) => {
		if (attempt === undefined) return;
		const pairedItem = { item: itemIndex };
		if (attempt.ok) {
			outputs[attempt.routed.output]?.push({ json: attempt.routed.json, pairedItem });
			return;
		}
		if (!mayContinue) throw toNodeError(context.getNode(), attempt.error, itemIndex);
		outputs[0]?.push({ json: errorJson(attempt.error), pairedItem });
	});
	return outputs;
}

/**
 * An error that is not of our catalogue is a fault of the code: its kind and place go to n8n's log, its message does
 * not, because it may quote a customer or hold a token.
 */
function logForeignError(context: IExecuteFunctions, error: unknown, itemIndex: number): void {
	if (error instanceof TrufflesError || error instanceof NodeOperationError || !(error instanceof Error)) return;
	context.logger.error(`${context.getNode().name}: ${error.name} in item ${itemIndex}`, {
		frames: codeFrames(error),
	});
}

/** The standard item of one input. Throws TRF_ITEM_INVALID, which names the paths that are wrong. */
export function readTurnItem(input: INodeExecutionData): TurnItem {
	const parsed = parseTurnItem(input.json);
	if (!parsed.ok) throw new TrufflesError('TRF_ITEM_INVALID', { problem: parsed.problem });
	return parsed.item;
}

/** A standard item as the JSON of an n8n item. */
export function turnJson(item: TurnItem): IDataObject {
	return item as unknown as IDataObject;
}
