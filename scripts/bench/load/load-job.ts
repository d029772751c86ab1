import type { Pace } from './arrival-times';
import type { TimesSummary } from './measured-times';

/** One load: who writes what to which address, how often, and what counts as its end. */
export interface LoadJob {
	/** The n-th customer always writes to the n-th, modulo their number. */
	readonly urls: readonly string[];
	readonly headers: Readonly<Record<string, string>>;
	readonly pace: Pace;
	/** Not counted: caches fill, code is compiled. */
	readonly warmUpMs: number;
	readonly measureMs: number;
	/** How long replies are waited for afterwards; 0 when the answer to the request is the end. */
	readonly replyWaitMs: number;
	/** How many customers write in turn; more when all of them wait for a reply. */
	readonly customers: number;
	/** The n-th customer always writes the n-th, modulo their number. */
	readonly texts: readonly string[];
	/** How long the model stand-in takes. */
	readonly modelDelayMs: number;
}

/** A part of the measured time; latencies belong to the slice in which the message was due. */
export interface LoadSlice {
	readonly fromMs: number;
	readonly replies: TimesSummary;
}

export interface LoadResult {
	readonly measuredMs: number;
	/** Messages due in the measured time, and those of them that were answered with 2xx or otherwise. */
	readonly sent: number;
	readonly accepted: number;
	readonly refused: number;
	/** From the instant at which the request was due to its answer. */
	readonly answers: TimesSummary;
	/** Answers with 2xx in the measured time, whenever their requests were due. */
	readonly answersPerS: number;
	/** From the instant at which the message was due to the call to the channel that answers it. */
	readonly replies: TimesSummary;
	/** Messages that got their reply in the measured time. */
	readonly repliesPerS: number;
	/** Messages of the measured time without a reply in the end. */
	readonly unanswered: number;
	/** Calls to the channel that answered nothing. */
	readonly superfluous: number;
	readonly modelCalls: number;
	/** What went wrong, with the customer's number and the seconds since the start of the load; the first fifty. */
	readonly faults: readonly string[];
	readonly slices: readonly LoadSlice[];
}

/** From the load process to whoever started it. */
export type LoadReport =
	| { readonly kind: 'ready'; readonly port: number }
	| { readonly kind: 'measuring' }
	| { readonly kind: 'measured' }
	| { readonly kind: 'done'; readonly result: LoadResult }
	| { readonly kind: 'failed'; readonly problem: string };

/** Length of a slice. */
export const SLICE_MS = 60_000;
