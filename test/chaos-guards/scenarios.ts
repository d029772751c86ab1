/** Small streams, each of which goes wrong without one guard and goes well with it. */
import { setTimeout as sleep } from 'node:timers/promises';

import type { Question } from '../../scripts/chaos/questions';
import { runStream, type StreamProgress } from '../../scripts/chaos/run-chaos';
import type { PlannedMessage, TrafficPlan } from '../../scripts/chaos/traffic-plan';
import type { Verdict } from '../../scripts/chaos/verdict';
import { withDatabase } from '../../scripts/chaos/witnesses';
import type { ChaosWorld } from '../../scripts/chaos/world/chaos-world';

const PRICE: Question = { kind: 'price', text: 'Сколько стоит маникюр с гель-лаком?', service: 'manicure_gel' };
/** A number in it, so that no cache answers. */
const knowledge = (number: number): Question => ({
	kind: 'knowledge',
	text: `Есть ли у вас парковка возле салона, куда поставить машину ${number}?`,
	service: null,
});

/** Shorter than the time a model is given. */
const MODEL_DELAY_MS = 5_500;
/** What has no outcome by then, has none. The leases of these tests are shorter. */
const QUIET_TIMEOUT_MS = 25_000;
const KILL_TIMEOUT_MS = 20_000;
const OPEN_TIMEOUT_MS = 30_000;
const POLL_MS = 50;

type Step = readonly [
	atMs: number,
	question: Question,
	more?: { readonly client?: number; readonly againAtMs?: number },
];

interface Scenario {
	readonly steps: (customer: number) => readonly Step[];
	/** What happens to the world meanwhile. */
	readonly meanwhile?: (world: ChaosWorld, stream: Promise<void>, ids: readonly string[]) => Promise<void>;
}

export const SCENARIOS = {
	killed_after_200: {
		steps: () => [[0, PRICE]],
		meanwhile: async (world, stream) => {
			await stream;
			await world.killN8n();
		},
	},
	delivered_again: { steps: () => [[0, PRICE, { againAtMs: 3_500 }]] },
	asked_during_an_answer: {
		steps: (customer) => [
			[0, knowledge(10_000 + customer)],
			[1_500, PRICE],
		],
		meanwhile: withSlowModel,
	},
	killed_after_claim: {
		steps: () => [[500, PRICE]],
		meanwhile: async (world, stream) => {
			const { reached } = await world.killN8nAt('after_claim', KILL_TIMEOUT_MS);
			if (!reached) throw new Error('the kill point was not reached');
			await stream;
		},
	},
	person_takes_over_during_an_answer: {
		steps: (customer) => [[0, knowledge(20_000 + customer)]],
		meanwhile: async (world, stream, [id = '']) => {
			const answering = withSlowModel(world, stream);
			await takeOverWhileAnswering(world, id);
			await answering;
		},
	},
	same_question_everywhere: {
		steps: () => [
			[0, PRICE],
			[1_500, PRICE, { client: 1 }],
			[1_600, PRICE, { client: 2 }],
		],
	},
} satisfies Readonly<Record<string, Scenario>>;

export type ScenarioName = keyof typeof SCENARIOS;

let customers = 0;

/** Plays scenarios at the same time, each with customers of its own. */
export async function play(world: ChaosWorld, names: readonly ScenarioName[]): Promise<Verdict> {
	const scenarios: readonly Scenario[] = names.map((name) => SCENARIOS[name]);
	const streams = scenarios.map(({ steps }) => {
		customers += 1;
		const customer = customers;
		return steps(customer).map(([atMs, question, more = {}], index): PlannedMessage => {
			const again = more.againAtMs === undefined ? [] : [more.againAtMs];
			return {
				id: `GUARD${String(customer).padStart(5, '0')}${String(index).padStart(10, '0')}`,
				client: more.client ?? 0,
				phone: `7705900${String(customer).padStart(4, '0')}`,
				author: 'customer',
				question,
				deliveriesAtMs: [atMs, ...again],
			};
		});
	});
	const plan: TrafficPlan = { durationMs: 0, messages: streams.flat(), managers: new Map() };
	const meanwhile = async ({ accepted }: StreamProgress): Promise<void> => {
		const idsOf = (index: number): string[] => (streams[index] ?? []).map(({ id }) => id);
		await Promise.all(
			scenarios.map(async (scenario, index) => await scenario.meanwhile?.(world, accepted, idsOf(index))),
		);
	};
	return (await runStream(world, plan, meanwhile, () => null, QUIET_TIMEOUT_MS)).verdict;
}

/** As a manager's button does, once the turn of this message is open; its answer takes as long as the model does. */
async function takeOverWhileAnswering(world: ChaosWorld, messageId: string): Promise<void> {
	const deadline = performance.now() + OPEN_TIMEOUT_MS;
	while (performance.now() < deadline) {
		const taken = await withDatabase(world.databaseAdminUrl, async (db) => {
			const { rowCount } = await db.query(
				`update truffles.conversations c set human_active_since = now(), human_name = 'test'
				   from truffles.inbound_events e join truffles.turns t on t.id = e.turn_id
				  where e.provider_event_id = $1 and t.status = 'claimed' and c.id = t.conversation_id`,
				[messageId],
			);
			return rowCount === 1;
		});
		if (taken) return;
		await sleep(POLL_MS);
	}
	throw new Error('the turn was not opened in time');
}

async function withSlowModel(world: ChaosWorld, stream: Promise<void>): Promise<void> {
	await world.setFault('openai', { mode: 'slow', delayMs: MODEL_DELAY_MS });
	await stream;
	// The call begins a while after the message.
	await sleep(2 * MODEL_DELAY_MS);
	await world.setFault('openai', { mode: 'ok' });
}
