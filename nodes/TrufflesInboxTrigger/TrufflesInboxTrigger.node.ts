import {
	type IDataObject,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
	type IRun,
	type ITriggerFunctions,
	type ITriggerResponse,
	NodeConnectionTypes,
	NodeOperationError,
} from 'n8n-workflow';

import { type InboxBatch, InboxPump } from '../../lib/adapters/inbox-pump';
import { ReopeningInbox } from '../../lib/adapters/reopening-inbox';
import { isQueueMode, QueueWatch } from '../../lib/adapters/queue-watch';
import { repeatEvery } from '../../lib/adapters/repeat-every';
import { parkTurn } from '../../lib/conversation/park-turn';
import { DEFAULT_EVENT_AGE_DAYS, MIN_EVENT_AGE_DAYS, purgeInboundEvents } from '../../lib/gateway/purge-events';
import { reconcileInbox } from '../../lib/inbox/reconcile';
import { fallbackText } from '../../lib/reply/fixed-texts';
import { describeFailure } from '../shared/node-error';
import { getPlatform, type Platform } from '../shared/platform';
import { testPlatformCredential } from '../shared/platform-credential-test';

/** How long a stop waits for executions under way; n8n's own graceful shutdown is 30 s. */
const STOP_TIMEOUT_MS = 20_000;

/** How often accepted messages are compared with recorded outcomes. */
const RECONCILE_EVERY_MS = 5 * 60_000;

/** Four of these under way keep n8n's thread busy; docs/performance.md has the figures. */
const DEFAULT_BATCH_SIZE = 100;
/** How often old events are deleted, in small batches. */
const PURGE_EVERY_MS = 15 * 60_000;

/**
 * Takes due work out of PostgreSQL: one turn per burst, one at a time per conversation, many conversations at once.
 * Turns are leased; a lease that runs out (a killed process) makes the turn available again.
 */
export class TrufflesInboxTrigger implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Truffles Inbox Trigger',
		name: 'trufflesInboxTrigger',
		icon: { light: 'file:trufflesInboxTrigger.svg', dark: 'file:trufflesInboxTrigger.dark.svg' },
		group: ['trigger'],
		version: 1,
		subtitle: '=up to {{$parameter["batchSize"]}} turns per execution',
		description: "Starts when customers' messages, managers' actions or replies to send are due",
		eventTriggerDescription: 'Waits for due messages in PostgreSQL',
		defaults: { name: 'Claim ready turns' },
		inputs: [],
		outputs: [NodeConnectionTypes.Main, NodeConnectionTypes.Main, NodeConnectionTypes.Main],
		outputNames: ['Turns', 'Handover work', 'Outbox'],
		credentials: [{ name: 'trufflesPlatformApi', required: true, testedBy: 'trufflesPlatformApiTest' }],
		properties: [
			{
				displayName: 'Turns per Execution',
				name: 'batchSize',
				type: 'number',
				typeOptions: { minValue: 1, maxValue: 100 },
				default: DEFAULT_BATCH_SIZE,
				description:
					'At most. When it is quiet every turn has an execution of its own; under load they share one, which is much cheaper.',
			},
			{
				displayName: 'Executions at Once',
				name: 'maxBatches',
				type: 'number',
				typeOptions: { minValue: 1, maxValue: 20 },
				default: 4,
				description:
					'How many batches of one client may be under way at the same time, so that a slow model answer does not hold the others. One more is there for the other clients.',
			},
			{
				displayName: 'Lease (Seconds)',
				name: 'leaseSeconds',
				type: 'number',
				typeOptions: { minValue: 5, maxValue: 600 },
				default: 60,
				description:
					'How long a turn belongs to this process without a heartbeat. After a crash turns come back this much later.',
			},
			{
				displayName: 'Keep Events (Days)',
				name: 'keepEventsDays',
				type: 'number',
				typeOptions: { minValue: MIN_EVENT_AGE_DAYS, maxValue: 3650 },
				default: DEFAULT_EVENT_AGE_DAYS,
				description:
					'How long accepted deliveries are kept after their work is finished. At least 8 days, because providers repeat a delivery for 7 and it would count as new. Messages, turns and outcomes stay.',
			},
		],
	};

	methods = { credentialTest: { trufflesPlatformApiTest: testPlatformCredential } };

	async trigger(this: ITriggerFunctions): Promise<ITriggerResponse> {
		const onProblem = (error: unknown): void => this.logger.warn(`Truffles inbox: ${describeFailure(error).message}`);
		let watch: QueueWatch | null = null;
		const inbox = new ReopeningInbox(async () => {
			const platform = await getPlatform.call(this);
			if (isQueueMode()) {
				watch ??= new QueueWatch(platform.kv, platform.crypto.uuid(), onProblem);
				await watch.start();
			}
			return await startPump(this, platform, watch);
		}, onProblem);
		const keepDays = this.getNodeParameter('keepEventsDays', DEFAULT_EVENT_AGE_DAYS) as number;
		if (!Number.isInteger(keepDays) || keepDays < MIN_EVENT_AGE_DAYS)
			throw new NodeOperationError(
				this.getNode(),
				`Keep Events must be a whole number of days, at least ${MIN_EVENT_AGE_DAYS}: providers repeat a delivery for seven days`,
			);
		let stopRepeating: ReadonlyArray<() => void> = [];
		const start = async (): Promise<void> => {
			try {
				await inbox.start();
			} catch (error) {
				// n8n closes only what has started.
				watch?.stop();
				throw new NodeOperationError(this.getNode(), describeFailure(error).message);
			}
			stopRepeating = [
				repeatEvery(RECONCILE_EVERY_MS, async () => await reconcileInbox((await getPlatform.call(this)).db), onProblem),
				repeatEvery(
					PURGE_EVERY_MS,
					async () => await purgeInboundEvents((await getPlatform.call(this)).db, keepDays),
					onProblem,
				),
			];
		};
		const closeFunction = async (): Promise<void> => {
			for (const stop of stopRepeating) stop();
			watch?.stop();
			await inbox.stop(STOP_TIMEOUT_MS);
		};
		// A test run in the editor takes what is due now.
		if (this.getMode() === 'manual') return { manualTriggerFunction: start, closeFunction };
		await start();
		return { closeFunction };
	}
}

async function startPump(context: ITriggerFunctions, platform: Platform, watch: QueueWatch | null): Promise<InboxPump> {
	const pump = new InboxPump({
		db: platform.db,
		batchSize: context.getNodeParameter('batchSize', DEFAULT_BATCH_SIZE) as number,
		maxBatches: context.getNodeParameter('maxBatches', 4) as number,
		leaseMs: (context.getNodeParameter('leaseSeconds', 60) as number) * 1000,
		run: async (batch) => {
			const done = context.helpers.createDeferredPromise<IRun>();
			context.emit(toOutputs(batch), undefined, done);
			// In queue mode this resolves as well when a worker has finished the execution, not when it was put into Redis.
			const run = await (watch === null ? done.promise : watch.untilLost(done.promise));
			const failure = run?.data?.resultData?.error;
			if (failure !== undefined) throw failure;
		},
		park: async (turn) => {
			await parkTurn({ ...platform, fallbackText }, turn, context.getNode().name);
		},
		onProblem: (error) => context.logger.warn(`Truffles inbox: ${describeFailure(error).message}`),
	});
	await pump.start();
	return pump;
}

function toOutputs(batch: InboxBatch): INodeExecutionData[][] {
	return [batch.turns, batch.handoverWork, batch.outbox].map((items) =>
		items.map((item) => ({ json: item as unknown as IDataObject })),
	);
}
