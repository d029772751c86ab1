import { formatReport } from '../../../scripts/chaos/chaos-text';
import { BAD_COLUMNS, type Verdict } from '../../../scripts/chaos/verdict';

const bad = Object.fromEntries(BAD_COLUMNS.map((column) => [column, []])) as unknown as Verdict['bad'];
const verdict: Verdict = {
	bad: {
		...bad,
		lost: [{ rule: 'no row of the accepted message', client: 'one', ids: ['A', '-'] }],
		wrongAnswers: [
			{ rule: 'no asked price in the answer', client: 'one', ids: ['t1'], words: 'Сколько? -> До 21:00.' },
		],
	},
	accepted: 2,
	notAccepted: 0,
	replies: 1,
	takeovers: 0,
	repeatedByPolicy: 0,
	outcomes: {},
};

test('a finding is one line: its rule, client and ids, and what was written where that is the finding', () => {
	const report = formatReport({
		messages: 2,
		seed: 1,
		streamMs: 1,
		verdict,
		recovery: { kills: 0, medianMs: null, longestMs: null, quietMs: 0 },
		faults: [],
		unfinished: { events: 0, turns: 0, messages: 0 },
		pendingUpdates: 0,
		hasRedis: true,
		unexpectedEnds: 0,
	});
	expect(report.split('\n').filter((line) => line.startsWith('  ! '))).toEqual([
		'  ! lost: no row of the accepted message  one  A -',
		'  ! wrong answers: no asked price in the answer  one  t1  Сколько? -> До 21:00.',
	]);
});
