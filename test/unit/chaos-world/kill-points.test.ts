import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';

import {
	KILL_POINTS,
	pointOfAnswer,
	pointOfCall,
	pointOfStatement,
	STATEMENT_MARKS,
} from '../../../scripts/chaos/world/kill-points';

const LIB = path.resolve(__dirname, '..', '..', '..', 'lib');
const SOURCES = globSync('**/*.ts', { cwd: LIB }).map((file) => ({
	file: file.replaceAll('\\', '/'),
	text: readFileSync(path.join(LIB, file), 'utf8'),
}));

test.each([
	['accept', 'inbox/accept-deliveries.ts'],
	['claim', 'inbox/inbox-store.ts'],
	['sent', 'outbox/outbox-store.ts'],
] as const)('the mark "%s" is in the code, and only in %s, so a kill point is where its name says', (name, file) => {
	expect(SOURCES.filter(({ text }) => text.includes(STATEMENT_MARKS[name])).map((source) => source.file)).toEqual([
		file,
	]);
});

const statement = (mark: keyof typeof STATEMENT_MARKS, rows: number) => ({
	text: `select * from ${STATEMENT_MARKS[mark]})`,
	rows,
});
const call = (address: string, status: number) => ({ path: address, status, body: Buffer.alloc(0) });

const POINTS = [
	{
		name: 'a delivery about to be stored',
		found: pointOfStatement(statement('accept', 0).text),
		point: 'before_commit',
	},
	{ name: 'any other statement', found: pointOfStatement('select 1'), point: null },
	{
		name: 'a delivery stored, not answered',
		found: pointOfAnswer({ statements: [], committed: [statement('accept', 1)] }),
		point: 'after_commit_before_answer',
	},
	{
		name: 'a delivery that could not be stored',
		found: pointOfAnswer({ statements: [statement('accept', 0)], committed: [] }),
		point: null,
	},
	{
		name: 'turns claimed',
		found: pointOfAnswer({ statements: [], committed: [statement('claim', 2)] }),
		point: 'after_claim',
	},
	{
		name: 'nothing to claim',
		found: pointOfAnswer({ statements: [], committed: [statement('claim', 0)] }),
		point: null,
		why: 'nobody has a lease then',
	},
	{
		name: 'a sent message noted',
		found: pointOfAnswer({
			statements: [],
			committed: [{ text: 'begin', rows: 0 }, statement('sent', 0), { text: 'commit', rows: 0 }],
		}),
		point: 'after_marking',
	},
	{
		name: 'a model that has answered',
		found: pointOfCall(call('/openai/v1/chat/completions', 200)),
		point: 'after_model_call',
	},
	{ name: 'a model that has refused', found: pointOfCall(call('/openai/v1/chat/completions', 500)), point: null },
	{
		name: 'a message that the channel has sent',
		found: pointOfCall(call('/chatflow/api/v1/send-text?jid=7', 200)),
		point: 'after_sending_before_marking',
	},
	{
		name: 'a message that the channel has refused',
		found: pointOfCall(call('/chatflow/api/v1/send-text', 429)),
		point: null,
	},
	{ name: 'a call to Telegram', found: pointOfCall(call('/telegram/bot1/sendMessage', 200)), point: null },
] as const;
test.each(POINTS)('$name: $point', ({ found, point }) => {
	expect(found).toBe(point);
});

test('each point can be reached', () => {
	expect(new Set(POINTS.map(({ point }) => point).filter((point) => point !== null))).toEqual(new Set(KILL_POINTS));
});
