import { planHardRound, planSoftRound } from '../../../scripts/chaos/fault-plan';
import { planTraffic } from '../../../scripts/chaos/traffic-plan';
import { KILL_POINTS } from '../../../scripts/chaos/world/kill-points';

const SIZE = { messages: 300, seed: 7, clients: 3 };

test('the same seed gives the same stream, another seed another one', () => {
	expect(planTraffic(SIZE)).toEqual(planTraffic(SIZE));
	expect(planTraffic({ ...SIZE, seed: 8 }).messages).not.toEqual(planTraffic(SIZE).messages);
});

test.each([1, 60, 300, 1_000, 10_000])(
	'a stream of %i messages has that many, each with an id of its own',
	(messages) => {
		const plan = planTraffic({ ...SIZE, messages });
		expect(plan.messages.filter(({ author }) => author === 'customer')).toHaveLength(messages);
		expect(new Set(plan.messages.map(({ id }) => id)).size).toBe(plan.messages.length);
	},
);

test('a stream has every kind of question and delivery, owners who write, and people who write to two businesses', () => {
	const { messages, managers } = planTraffic(SIZE);
	expect(new Set(messages.map(({ client }) => client))).toEqual(new Set([0, 1, 2]));
	expect(new Set(messages.map(({ question }) => question.kind))).toEqual(
		new Set(['greeting', 'price', 'hours', 'address', 'knowledge', 'person']),
	);
	expect(new Set(messages.map(({ deliveriesAtMs }) => deliveriesAtMs.length))).toEqual(new Set([1, 2, 3]));
	expect(messages.some(({ author }) => author === 'owner')).toBe(true);
	const clientsOf = (phone: string): number =>
		new Set(messages.filter((message) => message.phone === phone).map(({ client }) => client)).size;
	expect([...managers.keys()].some((phone) => clientsOf(phone) === 2)).toBe(true);
});

test('repeated deliveries come after the first, and among those of other messages', () => {
	const { messages } = planTraffic(SIZE);
	for (const { deliveriesAtMs } of messages) expect([...deliveriesAtMs].sort((a, b) => a - b)).toEqual(deliveriesAtMs);
	const overtaken = messages.some((message, index) => {
		const next = messages[index + 1];
		return next !== undefined && (message.deliveriesAtMs.at(-1) ?? 0) > (next.deliveriesAtMs[0] ?? 0);
	});
	expect(overtaken).toBe(true);
});

test('a round of faults has every kill point once, in an order of its own', () => {
	const points = (round: number): string[] =>
		planHardRound(7, round).flatMap(({ fault }) => (fault.kind === 'kill_at' ? [fault.point] : []));
	expect(points(0).toSorted()).toEqual([...KILL_POINTS].toSorted());
	expect(points(0)).toEqual(points(0));
	expect(points(1)).not.toEqual(points(0));
});

test('a round of misbehaving services hits each of them, with a lost answer among it', () => {
	const round = planSoftRound(7, 0);
	expect(new Set(round.map(({ fault }) => fault.service))).toEqual(new Set(['chatflow', 'telegram', 'openai']));
	expect(round.map(({ fault }) => fault.fault.mode)).toEqual(
		expect.arrayContaining(['sent_then_lost', 'reset', 'hang']),
	);
});
