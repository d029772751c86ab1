/** Who writes what and when in a chaos run: a pure function of seed and size. */
import { createHash } from 'node:crypto';

import { phoneOf } from './customer-phone';
import { buildQuestion, pickKind, type Question } from './questions';
import { SeededRandom } from './random';

/** One message of a customer, or of the business's own phone (`echo`). */
export interface PlannedMessage {
	/** The channel's id: 20 hexadecimal capitals. */
	readonly id: string;
	/** Index of the client it is written to. */
	readonly client: number;
	/** Digits only. */
	readonly phone: string;
	readonly author: 'customer' | 'owner';
	readonly question: Question;
	/** When each copy of the delivery is sent, milliseconds from the start; the first is the first to be sent. */
	readonly deliveriesAtMs: readonly number[];
}

/** What a manager does about a customer's handover. Times are milliseconds after the notice was seen, then after each other. */
export interface ManagerPlan {
	readonly takesAfterMs: number | null;
	readonly writesAfterMs: number | null;
	readonly resolvesAfterMs: number | null;
}

export interface TrafficPlan {
	readonly durationMs: number;
	/** In the order of their first delivery. */
	readonly messages: readonly PlannedMessage[];
	/** By phone. */
	readonly managers: ReadonlyMap<string, ManagerPlan>;
}

/** The first round of kill points takes some 90 s. */
const SHORTEST_MS = 110_000;
/** Long runs come to this many messages a second; short ones are slower, so that every fault finds traffic. */
const MESSAGES_PER_S = 9;
const WARM_UP_MS = 40_000;
const BURST_GAP_MS = { least: 150, most: 900 };
const QUESTION_GAP_MS = { least: 2_500, most: 18_000 };
const LATE_COPY_MS = 15_000;
const MOST_COPIES = 3;
const ID_CHARS = 20;
/** A session is not longer, so that it can start late in the run. */
const MOST_QUESTIONS = 5;

/** How long the stream of a run of this size goes on, in milliseconds. */
export function planDurationMs(messages: number): number {
	return Math.max(SHORTEST_MS, WARM_UP_MS + Math.round((messages / MESSAGES_PER_S) * 1_000));
}

/**
 * Plans a run. The same arguments give the same plan.
 *
 * @param messages customers' messages, at least; the echoes of the owner's phone come on top
 * @param clients  how many businesses there are
 */
export function planTraffic(options: {
	readonly messages: number;
	readonly seed: number;
	readonly clients: number;
}): TrafficPlan {
	const random = new SeededRandom(options.seed);
	const durationMs = planDurationMs(options.messages);
	const managers = new Map<string, ManagerPlan>();
	const messages: PlannedMessage[] = [];
	const idOf = (): string => messageId(options.seed, messages.length);
	let left = options.messages;
	for (let customer = 0; left > 0; customer += 1) {
		const phone = phoneOf(options.seed, customer);
		managers.set(phone, planManager(random));
		// Some people are customers of two businesses, with the same number.
		const first = random.between(0, options.clients - 1);
		const clients =
			random.chance(0.15) && options.clients > 1
				? [first, (first + random.between(1, options.clients - 1)) % options.clients]
				: [first];
		for (const client of clients) {
			const session = planSession(random, durationMs, left);
			for (const { atMs, author, question } of session) {
				const deliveriesAtMs = planCopies(random, atMs);
				messages.push({ id: idOf(), client, phone, author, question, deliveriesAtMs });
			}
			left -= session.filter(({ author }) => author === 'customer').length;
			if (left <= 0) break;
		}
	}
	const firstOf = (message: PlannedMessage): number => message.deliveriesAtMs[0] as number;
	return { durationMs, managers, messages: messages.sort((a, b) => firstOf(a) - firstOf(b)) };
}

interface SessionStep {
	readonly atMs: number;
	readonly author: PlannedMessage['author'];
	readonly question: Question;
}

function planSession(random: SeededRandom, durationMs: number, most: number): SessionStep[] {
	const questions = Math.min(most, random.between(1, MOST_QUESTIONS));
	const span = questions * QUESTION_GAP_MS.most;
	let atMs = random.between(0, Math.max(0, durationMs - Math.min(span, durationMs * 0.4)));
	const steps: SessionStep[] = [];
	const say = (question: Question): void => {
		if (steps.length < most) steps.push({ atMs, author: 'customer', question });
	};
	for (let index = 0; index < questions; index += 1) {
		if (random.chance(0.25)) {
			say(buildQuestion(random, 'greeting'));
			atMs += random.between(BURST_GAP_MS.least, BURST_GAP_MS.most);
		}
		const asked = buildQuestion(random, pickKind(random));
		say(asked);
		if (random.chance(0.2)) {
			atMs += random.between(BURST_GAP_MS.least, BURST_GAP_MS.most);
			say(buildQuestion(random, asked.kind === 'price' ? 'price' : pickKind(random)));
		}
		// A few questions follow while the answer is being written.
		atMs += random.chance(0.3)
			? random.between(1_600, 2_600)
			: random.between(QUESTION_GAP_MS.least, QUESTION_GAP_MS.most);
	}
	if (!random.chance(0.04)) return steps;
	// The owner answers from the business's own phone: at any moment, often right after a message.
	const after = random.pick(steps).atMs + (random.chance(0.5) ? random.between(20, 600) : random.between(600, 6_000));
	const words = { kind: 'greeting', text: 'Здравствуйте, это хозяйка, сейчас отвечу', service: null } as const;
	return [...steps, { atMs: after, author: 'owner', question: words }];
}

/** Up to three deliveries of a message: at the same instant, or later, among other messages. */
function planCopies(random: SeededRandom, atMs: number): number[] {
	const drawn = random.next();
	const copies = drawn < 0.5 ? 1 : drawn < 0.8 ? 2 : MOST_COPIES;
	const later = Array.from({ length: copies - 1 }, () =>
		random.chance(0.5) ? random.between(0, 5) : random.between(200, LATE_COPY_MS),
	);
	return [atMs, ...later.map((delayMs) => atMs + delayMs).sort((a, b) => a - b)];
}

function planManager(random: SeededRandom): ManagerPlan {
	const takes = random.chance(0.6);
	const resolves = random.chance(takes ? 0.75 : 0.3);
	return {
		takesAfterMs: takes ? random.between(300, 6_000) : null,
		writesAfterMs: takes && random.chance(0.5) ? random.between(200, 4_000) : null,
		resolvesAfterMs: resolves ? random.between(2_000, 15_000) : null,
	};
}

function messageId(seed: number, index: number): string {
	return createHash('sha256').update(`${seed}:${index}`).digest('hex').slice(0, ID_CHARS).toUpperCase();
}
