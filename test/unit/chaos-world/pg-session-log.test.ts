import { PgMessageReader } from '../../../scripts/chaos/world/pg-messages';
import { type Answer, PgSessionLog } from '../../../scripts/chaos/world/pg-session-log';
import { bind, done, execute, extended, failure, parse, query, ready, row, startup, sync } from './pg-bytes';

/** A session that has logged in. */
class Session {
	private readonly log = new PgSessionLog();
	private readonly client = new PgMessageReader('client');
	private readonly server = new PgMessageReader('server');

	constructor() {
		this.says(startup());
		expect(this.hears(ready('I'))).toEqual([]);
	}

	says(...bytes: readonly Buffer[]): string[] {
		const messages = this.client.push(Buffer.concat(bytes));
		return messages.map((message) => this.log.onClient(message)).filter((text) => text !== null);
	}

	hears(...bytes: readonly Buffer[]): Answer[] {
		const messages = this.server.push(Buffer.concat(bytes));
		return messages.map((message) => this.log.onServer(message)).filter((answer) => answer !== null);
	}
}

test('a statement outside a transaction is committed when it is answered, with the rows it gave', () => {
	const session = new Session();
	expect(session.says(extended('select f($1)'))).toEqual(['select f($1)']);
	expect(session.hears(row(), row(), done('SELECT 2'))).toEqual([]);
	expect(session.hears(ready('I'))).toEqual([
		{ statements: [{ text: 'select f($1)', rows: 2 }], committed: [{ text: 'select f($1)', rows: 2 }] },
	]);
});

test('statements of a transaction are committed with its commit, not before', () => {
	const session = new Session();
	session.says(query('begin'));
	expect(session.hears(done('BEGIN'), ready('T'))).toMatchObject([{ committed: [] }]);
	session.says(extended('update a'));
	expect(session.hears(done('UPDATE 1'), ready('T'))).toMatchObject([{ committed: [] }]);
	session.says(query('commit'));
	expect(session.hears(done('COMMIT'), ready('I'))).toEqual([
		{
			statements: [{ text: 'commit', rows: 0 }],
			committed: [
				{ text: 'begin', rows: 0 },
				{ text: 'update a', rows: 0 },
				{ text: 'commit', rows: 0 },
			],
		},
	]);
	session.says(query('select 1'));
	expect(session.hears(row(), done('SELECT 1'), ready('I'))).toMatchObject([{ committed: [{ text: 'select 1' }] }]);
});

const UNDONE: ReadonlyArray<{ name: string; end: (session: Session) => Answer[] }> = [
	{
		name: 'a rollback',
		end: (session) => {
			session.says(query('rollback'));
			return session.hears(done('ROLLBACK'), ready('I'));
		},
	},
	{
		name: 'a commit of a transaction that has failed',
		end: (session) => {
			session.says(extended('bad'));
			session.hears(failure(), ready('E'));
			session.says(query('commit'));
			return session.hears(done('ROLLBACK'), ready('I'));
		},
	},
	{
		name: 'a commit that fails',
		end: (session) => {
			session.says(query('commit'));
			return session.hears(failure(), ready('I'));
		},
	},
];
test.each(UNDONE)('$name commits nothing', ({ end }) => {
	const session = new Session();
	session.says(query('begin'));
	session.hears(done('BEGIN'), ready('T'));
	session.says(extended('update a'));
	session.hears(done('UPDATE 1'), ready('T'));
	expect(end(session)).toMatchObject([{ committed: [] }]);
	session.says(query('select 1'));
	expect(session.hears(done('SELECT 1'), ready('I'))).toMatchObject([{ committed: [{ text: 'select 1' }] }]);
});

test('a statement that fails alone is not committed', () => {
	const session = new Session();
	session.says(extended('insert'));
	expect(session.hears(failure(), ready('I'))).toMatchObject([{ statements: [{ text: 'insert' }], committed: [] }]);
});

test('statements sent before the first is answered are told apart', () => {
	const session = new Session();
	expect(session.says(extended('first'), extended('second'))).toEqual(['first', 'second']);
	expect(session.hears(row(), done('SELECT 1'), ready('I'), done('SELECT 0'), ready('I'))).toEqual([
		{ statements: [{ text: 'first', rows: 1 }], committed: [{ text: 'first', rows: 1 }] },
		{ statements: [{ text: 'second', rows: 0 }], committed: [{ text: 'second', rows: 0 }] },
	]);
});

test('two statements under one Sync are one transaction, each with its rows', () => {
	const session = new Session();
	session.says(parse('', 'one'), bind(''), execute(), parse('', 'two'), bind(''), execute(), sync());
	expect(session.hears(row(), done('SELECT 1'), row(), row(), done('SELECT 2'), ready('I'))).toMatchObject([
		{
			committed: [
				{ text: 'one', rows: 1 },
				{ text: 'two', rows: 2 },
			],
		},
	]);
});

test('a prepared statement is known by its name when it is used again', () => {
	const session = new Session();
	expect(session.says(parse('s1', 'select claim($1)'), bind('s1'), execute(), sync())).toEqual(['select claim($1)']);
	session.hears(done('SELECT 0'), ready('I'));
	expect(session.says(bind('s1'), execute(), sync())).toEqual(['select claim($1)']);
	expect(session.hears(row(), done('SELECT 1'), ready('I'))).toMatchObject([
		{ committed: [{ text: 'select claim($1)', rows: 1 }] },
	]);
});
