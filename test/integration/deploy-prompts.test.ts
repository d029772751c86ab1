/** `rollback --with-prompts`: which versions of prompts are active goes back with the workflows. */
import { randomUUID } from 'node:crypto';
import { createPgDb, type PgDb } from '../../lib/adapters/pg-db';
import { readActivePrompts, restoreActivePrompts } from '../../scripts/deploy/prompt-versions';
import { startTestPostgres, type TestPostgres } from '../support/postgres';

jest.setTimeout(60_000);

let postgres: TestPostgres;
let admin: PgDb;

beforeAll(async () => {
	postgres = await startTestPostgres();
	admin = createPgDb({ connectionString: postgres.adminUrl, applicationName: 'test' });
});
afterAll(async () => {
	await admin?.close();
	await postgres?.stop();
});

async function newClient(slug: string): Promise<string> {
	const id = randomUUID();
	const company = await admin.query<{ id: string }>('insert into companies (name) values ($1) returning id', [slug]);
	await admin.query(
		`insert into clients (id, company_id, slug, name, time_zone, data_key_wrapped) values ($1, $2, $3, $3, 'Asia/Almaty', $4)`,
		[id, company.rows[0]?.id, slug, 'wrapped'],
	);
	return id;
}

/** Makes this version the active one, as onboarding does. */
async function activate(clientId: string, name: string, version: number): Promise<void> {
	await admin.query('update prompts set is_active = false where client_id = $1 and name = $2', [clientId, name]);
	await admin.query(
		`insert into prompts (client_id, name, version, body, is_active) values ($1, $2, $3, 'text', true)
		on conflict (client_id, name, version) do update set is_active = true`,
		[clientId, name, version],
	);
}

test('the versions that were active are active again; clients and prompts that came later stay as they are', async () => {
	const salon = await newClient('salon');
	const barber = await newClient('barber');
	await activate(salon, 'reply', 1);
	await activate(barber, 'reply', 3);
	const before = await readActivePrompts(postgres.adminUrl);
	await activate(salon, 'reply', 2);
	await activate(salon, 'classify', 1);
	const later = await newClient('later');
	await activate(later, 'reply', 1);

	expect(await restoreActivePrompts(postgres.adminUrl, before ?? [])).toBe(2);
	const after = await readActivePrompts(postgres.adminUrl);
	const of = (clientId: string) =>
		after?.filter((prompt) => prompt.clientId === clientId).map(({ name, version }) => [name, version]);
	expect(of(salon)).toEqual([
		['classify', 1],
		['reply', 1],
	]);
	expect(of(barber)).toEqual([['reply', 3]]);
	expect(of(later)).toEqual([['reply', 1]]);
	// Processes that remember the prompt read it again; the others' memory still holds.
	const versions = await admin.query('select slug, config_version from clients order by slug');
	expect(versions.rows).toEqual([
		{ slug: 'barber', config_version: 1 },
		{ slug: 'later', config_version: 1 },
		{ slug: 'salon', config_version: 2 },
	]);
	expect(await restoreActivePrompts(postgres.adminUrl, before ?? [])).toBe(0);
});

test('a role that sees only single clients gives no list: an incomplete one would switch prompts off', async () => {
	expect(await readActivePrompts(postgres.appUrl)).toBeNull();
});

test('a role that sees only single clients brings no prompt back, and does not say that there was nothing to do', async () => {
	expect(await restoreActivePrompts(postgres.appUrl, [])).toBeNull();
});
