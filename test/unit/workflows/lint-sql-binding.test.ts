import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { unboundParts } from '../../../lib/workflows/lint/sql-binding';
import { TENANT_TABLES } from '../../../lib/workflows/lint/tenant-tables';

const bound: readonly string[] = [
	'select 1',
	'select id, price_minor from truffles.plans order by 1',
	'select * from truffles.messages where client_id = $1',
	'select * from truffles.messages m where m.client_id = $1::uuid and (m.text = $2 or m.text is null)',
	'select * from truffles.messages where (id = $2) and ((client_id = $1::uuid)) order by id limit 1',
	'SELECT * FROM "truffles"."messages" AS m WHERE $1 = m.client_id',
	'select * from messages where $1::uuid = client_id',
	'select * from truffles.messages m join truffles.turns t on t.client_id = m.client_id and t.id = m.turn_id where m.client_id = $1',
	'select * from truffles.messages m, truffles.turns t where m.client_id = $1 and t.client_id = m.client_id',
	'select * from truffles.turns t left join truffles.messages m on m.client_id = $1 where t.client_id = $1',
	'select * from truffles.turns t where t.client_id = $1 and exists (select 1 from truffles.messages m where m.client_id = t.client_id)',
	'with due as (select id from truffles.outbox where client_id = $1 for update skip locked) select * from due',
	'select * from truffles.messages where client_id = $1 union all select * from truffles.messages where client_id = $1',
	'update truffles.messages m set text = $2 where m.client_id = $1',
	'update truffles.messages set text = t.text from truffles.turns t where messages.client_id = $1 and t.client_id = $1',
	'delete from truffles.messages using truffles.turns t where messages.client_id = $1 and t.client_id = messages.client_id',
	'insert into truffles.messages (id, client_id, text) values ($2, $1, $3), ($4, $1::uuid, $5) on conflict (client_id, id) do update set text = excluded.text returning id',
	'insert into truffles.messages (client_id, text) select $1, text from truffles.plans',
	'insert into truffles.messages (client_id, text) select t.client_id, t.text from truffles.turns t where t.client_id = $1',
	'select truffles.bind_client($1); select * from truffles.messages; delete from truffles.turns',
	"select 'from messages' as text, extract(year from now()) -- from messages\n/* delete from messages */",
	'select * from truffles.accept_events($1, $2)',
	'select a is distinct from messages from truffles.plans',
	'select * from truffles.plans p join truffles.settings s on coalesce(p.name, messages) = s.key',
	'select * from truffles.plans for no key update skip locked',
	'select substring(name from 2), extract(epoch from now()) from truffles.plans',
];

test.each(bound)('is bound: %s', (sql) => {
	expect(unboundParts(sql, TENANT_TABLES)).toEqual([]);
});

const unbound: readonly { readonly sql: string; readonly why?: string }[] = [
	{ sql: 'select * from truffles.messages' },
	{ sql: 'select * from messages m where m.id = $1' },
	{ sql: 'select * from messages where client_id = $1 or true', why: 'OR undoes it' },
	{ sql: 'select * from messages where (client_id = $1 or id = $2) and text is not null', why: 'OR undoes it' },
	{ sql: 'select * from messages where not (client_id = $1)' },
	{ sql: 'select * from messages where not client_id = $1' },
	{
		sql: 'select * from messages where id = $2 or text is not null and client_id = $1',
		why: 'AND binds closer than OR',
	},
	{ sql: 'select * from messages where client_id = $1 and text is null or id = $2', why: 'AND binds closer than OR' },
	{ sql: 'select * from messages where id = $2 or (text is not null and client_id = $1)' },
	{ sql: 'select * from messages where (client_id = $1) is not true' },
	{ sql: 'select * from messages where client_id = $1 is not true' },
	{ sql: 'select * from messages where (client_id = $1) = false' },
	{ sql: 'select * from messages where coalesce(client_id = $1, true)' },
	{ sql: 'select * from messages where client_id = coalesce($1, client_id)' },
	{ sql: 'select * from messages where case when client_id = $1 then true else true end' },
	{ sql: 'select * from messages where client_id <> $1' },
	{ sql: 'select * from messages where client_id = any($1)', why: 'that is many clients' },
	{ sql: 'select * from messages where client_id = client_id' },
	{ sql: "select * from messages where client_id = '6f1d8a52-2f0c-4a8e-9d25-0c9a3c1f5f7b'", why: 'an id as a literal' },
	{ sql: 'select client_id = $1 from messages', why: 'a column of the answer is no condition' },
	{ sql: 'select * from messages order by client_id = $1' },
	{ sql: 'select * from messages m join turns t on t.id = m.turn_id where t.client_id = $1', why: 'only one of two' },
	{
		sql: 'select * from messages m left join turns t on m.client_id = $1',
		why: 'the ON of an outer join keeps every row of its left side',
	},
	{ sql: 'select * from turns t right join messages m on m.client_id = $1', why: 'and of its right side' },
	{ sql: 'select * from plans p, messages where p.id = $1' },
	{ sql: 'select * from plans where id in (select plan_id from subscriptions)' },
	{ sql: 'select (select text from messages limit 1)' },
	{ sql: 'with due as (select id from outbox) select * from due where client_id = $1' },
	{ sql: 'select * from messages where client_id = $1 union all select * from messages' },
	{
		sql: 'select * from messages m where exists (select 1 from plans where client_id = $1)',
		why: 'the condition belongs to the inner query',
	},
	{ sql: 'update messages set text = $1' },
	{ sql: 'update messages set client_id = $2 where client_id = $1', why: 'moves rows to another client' },
	{ sql: 'delete from messages' },
	{ sql: 'delete from messages using turns t where t.client_id = $1' },
	{ sql: 'insert into messages (id, text) values ($1, $2)' },
	{ sql: 'insert into messages values ($1, $2)' },
	{ sql: 'insert into messages (client_id, text) values ($1, $2), (default, $3)' },
	{
		sql: 'insert into messages (client_id, text) select client_id, text from turns where client_id = $1',
		why: 'an unqualified column cannot be followed',
	},
	{ sql: 'truncate truffles.messages' },
	{ sql: 'copy truffles.messages to stdout' },
	{ sql: 'do $$ begin delete from messages; end $$' },
	{ sql: 'select 1; delete from messages' },
	{
		sql: 'select truffles.bind_client($1), count(*) from messages',
		why: 'the order inside a statement is not promised',
	},
	{ sql: 'select * from plans p join settings s on s.key = p.name, messages m where p.id = $1' },
	{ sql: 'select * from plans p join settings s using (key), messages m where p.id = $1' },
	{ sql: 'delete from plans using (select 1) b, messages m where m.id = b.id' },
	{ sql: 'with all_of_them as (table messages) select * from all_of_them' },
	{ sql: 'select 1 union table truffles.messages' },
	{ sql: 'select * from only (messages)' },
	{ sql: 'select * from plans cross join messages' },
	{ sql: 'select * from plans, lateral (select * from messages) m' },
	{ sql: 'with gone as materialized (delete from messages returning *) select count(*) from gone' },
	{ sql: 'merge into messages using plans on true when matched then delete' },
	{ sql: 'select * from messages; select truffles.bind_client($1)', why: 'too late' },
	{ sql: 'SELECT * FROM "messages" /* where client_id = $1 */' },
];

test.each(unbound)('is not bound: $sql', ({ sql }) => {
	expect(unboundParts(sql, TENANT_TABLES)).not.toEqual([]);
});

test('the tenant tables are those that the migrations give a client_id', () => {
	const folder = join(__dirname, '..', '..', '..', 'migrations');
	const found = readdirSync(folder)
		.filter((name) => name.endsWith('.sql'))
		.flatMap((name) => [
			...readFileSync(join(folder, name), 'utf8').matchAll(/^create table truffles\.(\w+) \(([\s\S]*?)^\);/gm),
		])
		.filter(([, , columns = '']) => /^\s+client_id /m.test(columns))
		.map(([, table = '']) => table);
	expect([...TENANT_TABLES].sort()).toEqual(found.sort());
});
