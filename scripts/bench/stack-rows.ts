/** Which rows the benchmarks of a whole stack give, with their bars: the table of docs/performance.md has the same ones. */
import type { BenchRow } from './bench-row';

/** Customers who wait for a reply at any moment, when as much is sent as can be answered: four full batches. */
export const CUSTOMERS_AT_SATURATION = 400;

export type StackBench = 'gateway' | 'flow' | 'growth' | 'soak';

type RowKind = Omit<BenchRow, 'bench' | 'value'>;

const figure = (what: string, unit: string): RowKind => ({ what, unit });
const atMost = (what: string, unit: string, bar: number): RowKind => ({ what, unit, bar });
const atLeast = (what: string, unit: string, least: number): RowKind => ({ what, unit, atLeast: least });

const latency = (load: string): RowKind[] => [
	figure(`${load}: reply, median`, 'ms'),
	figure(`${load}: reply, p95`, 'ms'),
];

/** One set for a model that answers at once, one for a model that takes a second. */
const flowRows = (model: string): RowKind[] => [
	figure(`${model}: messages at saturation`, '1/s'),
	atLeast(`${model}: messages at saturation against bare requests`, 'x', 1.5),
	...latency(`${model}: saturation, ${CUSTOMERS_AT_SATURATION} customers waiting`),
	...latency(`${model}: 50 messages/s`),
	...latency(`${model}: 10 messages/s`),
	...latency(`${model}: 1 message/s`),
];

export const MODEL_AT_ONCE = 'model at once';
export const MODEL_SLOW = 'model after 1 s';

export const STACK_ROWS: Readonly<Record<StackBench, readonly RowKind[]>> = {
	gateway: [
		figure('bare n8n webhook: requests', '1/s'),
		figure('acceptance, committed: requests', '1/s'),
		atLeast('acceptance against bare requests', 'x', 2),
		figure('acceptance under that load: answer, median', 'ms'),
		figure('acceptance under that load: answer, p95', 'ms'),
		figure('acceptance under that load: answer, p99', 'ms'),
		figure('acceptance at a steady 50/s, flow running: answer, median', 'ms'),
		atMost('acceptance at a steady 50/s, flow running: answer, p95', 'ms', 100),
		figure('acceptance at a steady 50/s, flow running: answer, p99', 'ms'),
		atMost('requests refused or not answered', 'requests', 0),
	],
	flow: [
		figure('bare n8n webhook: requests', '1/s'),
		...flowRows(MODEL_AT_ONCE),
		...flowRows(MODEL_SLOW),
		atMost('one message, no model: reply, median', 'ms', 300),
		figure('one message, no model: reply, p95', 'ms'),
		figure('CPU per message, n8n', 'ms'),
		figure('CPU per message, PostgreSQL', 'ms'),
		figure('CPU per message, customers and stand-ins', 'ms'),
		figure('CPU per bare request, n8n', 'ms'),
		figure('CPU per bare request, PostgreSQL', 'ms'),
		figure('memory, n8n', 'MB'),
		figure('memory, PostgreSQL', 'MB'),
		figure('memory, customers and stand-ins', 'MB'),
		figure('batches of one: messages at saturation', '1/s'),
		figure('what batching brings', 'x'),
		atMost('messages without a reply, or with two', 'messages', 0),
	],
	growth: [
		...latency('1 client, 1,000 messages stored'),
		...latency('1 client, 1,000,000 messages stored'),
		...latency('1,000 clients, each message the first of its client'),
		...latency('1,000 clients, the same ones write again'),
		atMost('messages without a reply, or with two', 'messages', 0),
	],
	soak: [
		figure('messages at saturation', '1/s'),
		figure('at 80 % of it: reply, median, first five minutes', 'ms'),
		figure('at 80 % of it: reply, median, last five minutes', 'ms'),
		figure('at 80 % of it: reply, p95, last five minutes', 'ms'),
		atMost('last five minutes against first five, median', 'x', 1.5),
		atMost('slowest of the last five minutes against first five, median', 'x', 3),
		atLeast('messages at saturation after the ten minutes against before', 'x', 0.8),
		figure('own memory of n8n at the end', 'MB'),
		atMost('own memory of n8n, last fifth against second fifth, least of each', 'x', 1.1),
		figure('own memory of PostgreSQL at the end', 'MB'),
		atMost('own memory of PostgreSQL, last fifth against second fifth, least of each', 'x', 1.1),
		atMost('messages without a reply, or with two', 'messages', 0),
	],
};

/** The rows of one benchmark, filled in as they are measured. */
export class RowSheet {
	private readonly values = new Map<string, number>();

	constructor(private readonly bench: StackBench) {}

	/** @throws Error for a row that is not in the list above */
	set(what: string, value: number): void {
		if (!STACK_ROWS[this.bench].some((kind) => kind.what === what))
			throw new Error(`${this.bench} has no row "${what}"`);
		this.values.set(what, value);
		process.stderr.write(`${what}: ${value.toFixed(2)}\n`);
	}

	/** @throws Error when a row was not measured */
	rows(): BenchRow[] {
		return STACK_ROWS[this.bench].map((kind) => {
			const value = this.values.get(kind.what);
			if (value === undefined) throw new Error(`${this.bench} did not measure "${kind.what}"`);
			return { bench: this.bench, value, ...kind };
		});
	}
}
