/**
 * Customers, their WhatsApp gateway and a model, in a process of its own: started by `load-world.ts`.
 *
 * One clock tells when a message was due and when the channel was called with its answer. Whatever this process costs
 * is measured apart from what is being tested.
 */
import { Agent, request } from 'node:http';

import { arrivalTimesMs } from './arrival-times';
import { type Customer, Customers } from './customers';
import { type LoadJob, type LoadReport, type LoadResult, type LoadSlice, SLICE_MS } from './load-job';
import { summarizeTimes } from './measured-times';
import { startStandIns, type StandIns } from './stand-ins';

const REQUEST_TIMEOUT_MS = 60_000;
/** With a timeout an agent also closes a connection before the server does, as the server's `Keep-Alive` says. */
const AGENT = new Agent({ keepAlive: true, maxSockets: 512, timeout: REQUEST_TIMEOUT_MS });
const DRAIN_POLL_MS = 20;
const MS_PER_S = 1_000;
/** As many as are told about. */
const MAX_FAULTS = 50;
/** Salt and number keep the messages of two loads in one database apart. */
const SALT = Date.now().toString(36).toUpperCase();
let loads = 0;
/** No customer of one load writes in another: a late reply must not pass for one of the next load. */
let nextFirstCustomer = 0;

interface Message {
	readonly customer: Customer;
	readonly dueAt: number;
}

/** One load under way. */
class Load {
	private readonly startedAt = performance.now();
	private readonly measureFrom: number;
	private readonly measureTo: number;
	/** The one message of each customer that has no reply yet, by digits. */
	private readonly waiting = new Map<string, Message>();
	private readonly customers: Customers;
	private readonly answers: number[] = [];
	private readonly replies: Array<{ readonly dueAt: number; readonly tookMs: number }> = [];
	private counts = { sent: 0, accepted: 0, refused: 0, acceptedNow: 0, repliedNow: 0, superfluous: 0, unanswered: 0 };
	private readonly faults: string[] = [];
	private readonly load = (loads += 1);
	private number = 0;
	private stopped = false;
	private readonly modelCallsBefore: number;

	constructor(
		private readonly job: LoadJob,
		private readonly standIns: StandIns,
	) {
		this.measureFrom = this.startedAt + job.warmUpMs;
		this.measureTo = this.measureFrom + job.measureMs;
		this.customers = new Customers(nextFirstCustomer, job.customers);
		standIns.modelDelayMs = job.modelDelayMs;
		this.modelCallsBefore = standIns.modelCalls;
	}

	async run(): Promise<LoadResult> {
		const { pace, warmUpMs, measureMs, replyWaitMs } = this.job;
		report({ kind: 'measuring' }, warmUpMs);
		if (pace.kind === 'window') for (let one = 0; one < pace.size; one += 1) this.send(performance.now());
		else void this.sendAsDue(arrivalTimesMs(pace));
		await sleep(warmUpMs + measureMs);
		this.stopped = true;
		report({ kind: 'measured' }, 0);
		const giveUpAt = performance.now() + replyWaitMs;
		nextFirstCustomer = this.customers.end;
		while (this.waiting.size > 0 && performance.now() < giveUpAt) await sleep(DRAIN_POLL_MS);
		for (const [digits, { dueAt }] of this.waiting) {
			if (!this.isMeasured(dueAt)) continue;
			this.counts.unanswered += 1;
			this.fault(digits, 'no reply', dueAt);
		}
		return this.result();
	}

	/** The channel was called: the message this customer waits for is answered by it. */
	replied(digits: string): void {
		const now = performance.now();
		const message = this.waiting.get(digits);
		if (message === undefined) {
			this.counts.superfluous += 1;
			this.fault(digits, 'a reply that answers nothing');
			return;
		}
		const { customer, dueAt } = message;
		this.rest(customer);
		if (this.isMeasured(now)) this.counts.repliedNow += 1;
		if (this.isMeasured(dueAt)) this.replies.push({ dueAt, tookMs: now - dueAt });
		this.sendNextInWindow();
	}

	private async sendAsDue(times: Iterable<number>): Promise<void> {
		for (const atMs of times) {
			const dueAt = this.startedAt + atMs;
			const waitMs = dueAt - performance.now();
			if (waitMs > 0) await sleep(waitMs);
			if (this.stopped || dueAt >= this.measureTo) return;
			this.send(dueAt);
		}
	}

	private send(dueAt: number): void {
		const { job } = this;
		const customer = this.customers.next();
		const { digits, index } = customer;
		const body = chatflowBody(
			digits,
			job.texts[index % job.texts.length] ?? '',
			`${SALT}L${this.load}N${this.number++}`,
		);
		if (this.isMeasured(dueAt)) this.counts.sent += 1;
		const message = { customer, dueAt };
		if (job.replyWaitMs > 0) this.waiting.set(digits, message);
		post(job.urls[index % job.urls.length] ?? '', job.headers, body, (problem) => {
			const now = performance.now();
			const isAccepted = problem === null;
			if (!isAccepted) this.fault(digits, problem, dueAt);
			if (isAccepted && this.isMeasured(now)) this.counts.acceptedNow += 1;
			if (this.isMeasured(dueAt)) {
				this.answers.push(now - dueAt);
				this.counts[isAccepted ? 'accepted' : 'refused'] += 1;
			}
			const hasEnded = job.replyWaitMs === 0 || (!isAccepted && this.waiting.get(digits) === message);
			if (!hasEnded) return;
			this.rest(customer);
			this.sendNextInWindow();
		});
	}

	private rest(customer: Customer): void {
		this.waiting.delete(customer.digits);
		this.customers.rest(customer);
	}

	private sendNextInWindow(): void {
		if (this.job.pace.kind === 'window' && !this.stopped) this.send(performance.now());
	}

	private fault(digits: string, what: string, at = performance.now()): void {
		if (this.faults.length < MAX_FAULTS)
			this.faults.push(`${digits} at ${Math.round((at - this.startedAt) / MS_PER_S)} s: ${what}`);
	}

	private isMeasured(at: number): boolean {
		return at >= this.measureFrom && at < this.measureTo;
	}

	private result(): LoadResult {
		const { measureMs } = this.job;
		const { acceptedNow, repliedNow, ...counts } = this.counts;
		const slices: LoadSlice[] = [];
		for (let fromMs = 0; fromMs < measureMs; fromMs += SLICE_MS) {
			const from = this.measureFrom + fromMs;
			const inSlice = this.replies.filter(({ dueAt }) => dueAt >= from && dueAt < from + SLICE_MS);
			slices.push({ fromMs, replies: summarizeTimes(inSlice.map(({ tookMs }) => tookMs)) });
		}
		return {
			...counts,
			measuredMs: measureMs,
			answers: summarizeTimes(this.answers),
			answersPerS: (acceptedNow / measureMs) * MS_PER_S,
			replies: summarizeTimes(this.replies.map(({ tookMs }) => tookMs)),
			repliesPerS: (repliedNow / measureMs) * MS_PER_S,
			modelCalls: this.standIns.modelCalls - this.modelCallsBefore,
			faults: this.faults,
			slices,
		};
	}
}

/** What the WhatsApp gateway ChatFlow sends for a text. */
function chatflowBody(digits: string, text: string, messageId: string): string {
	return JSON.stringify({
		messageType: 'text',
		message: text,
		metadata: {
			sender: digits,
			timestamp: Math.floor(Date.now() / MS_PER_S),
			messageId,
			remoteJid: `${digits}@s.whatsapp.net`,
			pushName: 'Load',
		},
		mediaData: null,
		nodeData: {},
	});
}

/** @param onAnswer gets null for an answer with 2xx, otherwise what came instead */
function post(
	url: string,
	headers: LoadJob['headers'],
	body: string,
	onAnswer: (problem: string | null) => void,
): void {
	const outgoing = request(url, {
		method: 'POST',
		agent: AGENT,
		timeout: REQUEST_TIMEOUT_MS,
		headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), ...headers },
	});
	outgoing.once('response', (response) => {
		response.resume();
		const status = response.statusCode ?? 0;
		response.once('end', () => onAnswer(status < 300 ? null : `HTTP ${status}`));
	});
	outgoing.once('timeout', () => outgoing.destroy(new Error('no answer in time')));
	outgoing.once('error', (error: NodeJS.ErrnoException) => onAnswer(error.code ?? error.message));
	outgoing.end(body);
}

async function sleep(ms: number): Promise<void> {
	await new Promise((resolve) => setTimeout(resolve, ms));
}

function report(message: LoadReport, delayMs = 0): void {
	if (delayMs > 0) setTimeout(() => process.send?.(message), delayMs);
	else process.send?.(message);
}

async function main(): Promise<void> {
	let load: Load | null = null;
	const standIns = await startStandIns((digits) => load?.replied(digits));
	process.on('message', (job: LoadJob) => {
		load = new Load(job, standIns);
		load.run().then(
			(result) => report({ kind: 'done', result }),
			(error: unknown) => report({ kind: 'failed', problem: String(error) }),
		);
	});
	process.on('disconnect', () => process.exit(0));
	report({ kind: 'ready', port: standIns.port });
}

void main();
