/** Figures of the retrieval evaluation as people read them. */
import type { RefusalShare, RetrievalFigures } from './retrieval-figures';
import { RETRIEVAL_MEASURES } from './retrieval-metrics';

export interface RetrievalReport extends RetrievalFigures {
	readonly counts: Readonly<Record<string, number>>;
	readonly indexingMs: number;
	readonly memoryMb: number;
}

const NAME_WIDTH = 28;

/** Lines of text; `context` is shown first, one line per entry. */
export function describeRetrieval(context: Readonly<Record<string, unknown>>, report: RetrievalReport): string {
	const { metrics, intervals, nothingRelevant, queryMs } = report;
	return [
		...Object.entries({ ...context, ...report.counts }).map(([name, value]) => line(name, String(value))),
		'',
		...RETRIEVAL_MEASURES.map((measure) => {
			const [low, high] = intervals[measure];
			return line(measure, `${metrics[measure].toFixed(4)}  (${low.toFixed(4)}-${high.toFixed(4)})`);
		}),
		'',
		line('answerable, refused', describeShare(nothingRelevant.wronglyRefused)),
		line(
			'unanswerable, refused',
			nothingRelevant.rightlyRefused === null ? 'no unanswerable.jsonl' : describeShare(nothingRelevant.rightlyRefused),
		),
		...(report.denseBarFor95 === null ? [] : [line('dense bar that keeps 95 %', report.denseBarFor95.toFixed(3))]),
		line('indexing', `${report.indexingMs} ms, process then ${report.memoryMb} MB`),
		line('query', `median ${queryMs.median.toFixed(2)} ms, p95 ${queryMs.p95.toFixed(2)} ms`),
		'',
	].join('\n');
}

function describeShare({ share, count, of, interval: [low, high] }: RefusalShare): string {
	return `${share.toFixed(3)}  (${low.toFixed(3)}-${high.toFixed(3)}, ${count} of ${of})`;
}

function line(name: string, value: string): string {
	return `${name.padEnd(NAME_WIDTH)} ${value}`;
}
