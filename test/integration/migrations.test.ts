import { Client } from 'pg';
import { migrate } from '../../lib/adapters/migrate-database';
import { startTestPostgres, type TestPostgres } from '../support/postgres';

let postgres: TestPostgres;

beforeAll(async () => {
	postgres = await startTestPostgres();
});
afterAll(async () => postgres?.stop());

test('a second run applies nothing', async () => {
	const { adminUrl } = await postgres.createEmptyDatabase();
	const options = { adminConnectionString: adminUrl, appRolePassword: postgres.appPassword };
	const first = await migrate(options);
	expect(first.applied.length).toBeGreaterThanOrEqual(9);
	expect(await migrate(options)).toEqual({ applied: [], alreadyApplied: first.applied.length });
});

test('the application role logs in with the password it was given', async () => {
	const client = new Client({ connectionString: postgres.appUrl });
	await client.connect();
	const { rows } = await client.query('select current_user as name');
	await client.end();
	expect(rows).toEqual([{ name: 'truffles_app' }]);
});
