/** What `npm run chaos` prints. */
import type { ChaosReport } from './run-chaos';
import { BAD_COLUMNS, type BadColumn, countBad } from './verdict';

const COLUMN_NAMES: Readonly<Record<BadColumn, string>> = {
	lost: 'lost',
	duplicateReplies: 'duplicate replies',
	orderInversions: 'order inversions',
	repliesAfterTakeover: 'replies after takeover',
	turnsWithoutOutcome: 'turns without outcome',
	foreignRows: 'foreign-client rows',
	wrongAnswers: 'wrong answers',
};
const MOST_FINDINGS = 10;
const NAME_WIDTH = 26;

/** The table of one run, with the first findings of every column that is not zero. */
export function formatReport(report: ChaosReport): string {
	const { verdict, recovery, faults } = report;
	const row = (name: string, value: string | number): string => `  ${name.padEnd(NAME_WIDTH)} ${value}`;
	const findings = BAD_COLUMNS.flatMap((column) =>
		verdict.bad[column]
			.slice(0, MOST_FINDINGS)
			.map(({ rule, client, ids, words }) =>
				[`  ! ${COLUMN_NAMES[column]}: ${rule}`, client, ids.join(' '), ...(words === undefined ? [] : [words])].join(
					'  ',
				),
			),
	);
	const outcomes = Object.entries(verdict.outcomes).map(([name, count]) => `${count} ${name}`);
	const lines = [
		`chaos  seed ${report.seed}  ${report.messages} messages  ${report.hasRedis ? 'with' : 'without'} Redis`,
		row('accepted', verdict.accepted),
		...BAD_COLUMNS.map((column) => row(COLUMN_NAMES[column], verdict.bad[column].length)),
		row('time to recover', recoveryText(report)),
		row('quiet after', seconds(recovery.quietMs)),
		'',
		row('stream', `${seconds(report.streamMs)}, ${verdict.replies} replies, ${verdict.takeovers} takeovers`),
		row('outcomes of turns', outcomes.join(', ')),
		row('repeated by policy', `${verdict.repeatedByPolicy} (delivery.afterCrash: prefer-delivery; not bad)`),
		row('faults', faultsText(faults)),
		...(verdict.notAccepted > 0 ? [row('never accepted', `${verdict.notAccepted} (the sender got no 200)`)] : []),
		...(report.unexpectedEnds > 0 ? [row('n8n ended by itself', report.unexpectedEnds)] : []),
		...unfinishedText(report).map((line) => `  ! ${line}`),
		...findings,
	];
	return `${lines.join('\n')}\n`;
}

/** True when every bad column is zero and the run came to its end. */
export function isGood(report: ChaosReport): boolean {
	return countBad(report.verdict) === 0 && unfinishedText(report).length === 0 && report.verdict.notAccepted === 0;
}

/** The report for `--json`: columns as numbers, findings beside them. */
export function reportJson(report: ChaosReport): Record<string, unknown> {
	const { verdict, ...rest } = report;
	const { bad, ...counts } = verdict;
	return {
		ok: isGood(report),
		...counts,
		...Object.fromEntries(BAD_COLUMNS.map((column) => [column, bad[column].length])),
		...rest,
		findings: bad,
	};
}

function unfinishedText({ unfinished, pendingUpdates }: ChaosReport): string[] {
	const { events, turns, messages } = unfinished;
	if (events + turns + messages + pendingUpdates === 0) return [];
	return [
		`not quiet in time: ${events} events waiting, ${turns} turns running, ${messages} messages unsent, ${pendingUpdates} updates of managers not accepted`,
	];
}

function recoveryText({ recovery }: ChaosReport): string {
	const { kills, medianMs, longestMs } = recovery;
	if (medianMs === null || longestMs === null) return 'no kill was followed by a reply';
	return `median ${seconds(medianMs)}, longest ${seconds(longestMs)} from a kill to the next reply (${kills} kills)`;
}

function faultsText(faults: ChaosReport['faults']): string {
	const counts = new Map<string, number>();
	for (const { name, reached } of faults) if (reached) counts.set(name, (counts.get(name) ?? 0) + 1);
	return [...counts]
		.sort(([a], [b]) => a.localeCompare(b))
		.map(([name, count]) => `${count} x ${name}`)
		.join(', ');
}

function seconds(ms: number): string {
	return `${(ms / 1000).toFixed(1)} s`;
}
