import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { startEmbeddedPostgres } from '../../lib/adapters/embedded-postgres';
import { migrate } from '../../lib/adapters/migrate-database';
import { createPgDb, type PgDb } from '../../lib/adapters/pg-db';
import { chunkMarkdown } from '../../lib/knowledge/markdown-chunks';
import type { Db } from '../../lib/ports/db';
import { findFreePort } from '../stack/ports';

const DEMO = path.join(__dirname, '../../demo/demo_salon');
const SENTENCES = 4_000;
const SENTENCE_WORDS = 10;
const SENTENCES_PER_CHUNK = 4;
/** Made-up words of each client besides those of the trade, as names and brands are. */
const OWN_WORDS = 500;

export interface KnowledgeSize {
	readonly clients: number;
	readonly documentsPerClient: number;
	readonly chunksPerDocument: number;
}

/** Many clients' knowledge in a PostgreSQL of its own, seen as the nodes see it: role truffles_app, row-level security on. */
export interface KnowledgeDatabase {
	readonly db: PgDb;
	readonly clientIds: readonly string[];
	/** Questions of customers about the trade. */
	readonly questions: readonly string[];
	stop(): Promise<void>;
}

/** Starts the server and fills it in one statement per table. A million chunks take about a minute. */
export async function startKnowledgeDatabase(size: KnowledgeSize): Promise<KnowledgeDatabase> {
	const dir = mkdtempSync(path.join(tmpdir(), 'truffles-bench-knowledge-'));
	const appPassword = randomBytes(12).toString('hex');
	const server = await startEmbeddedPostgres({
		dataDir: path.join(dir, 'data'),
		port: await findFreePort(),
		superuserPassword: randomBytes(12).toString('hex'),
		log: () => undefined,
		settings: {
			fsync: 'off',
			synchronous_commit: 'off',
			full_page_writes: 'off',
			max_wal_size: '8GB',
			autovacuum: 'off',
		},
	});
	const stopServer = async (): Promise<void> => {
		await server.stop();
		for (const folder of [dir, server.dataDir]) rmSync(folder, { recursive: true, force: true });
	};
	try {
		await migrate({ adminConnectionString: server.url, appRolePassword: appPassword });
		const admin = createPgDb({ connectionString: server.url, applicationName: 'bench-admin', maxConnections: 1 });
		const clientIds = await fill(admin, size);
		await admin.close();
		const appUrl = new URL(server.url);
		appUrl.username = 'truffles_app';
		appUrl.password = appPassword;
		const db = createPgDb({ connectionString: appUrl.toString(), applicationName: 'bench' });
		return {
			db,
			clientIds,
			questions: demoTexts().titles,
			stop: async () => {
				await db.close();
				await stopServer();
			},
		};
	} catch (error) {
		await stopServer();
		throw error;
	}
}

async function fill(admin: Db, { clients, documentsPerClient, chunksPerDocument }: KnowledgeSize): Promise<string[]> {
	return await admin
		.transaction(async (tx) => {
			// The checks of foreign keys would take longer than the rows; the numbers agree by construction.
			await tx.query('set local session_replication_role = replica');
			await tx.query('set local statement_timeout = 0');
			await tx.query('create temporary table sentences (at integer primary key, text text) on commit drop');
			await tx.query(
				'insert into sentences select ordinality, text from unnest($1::text[]) with ordinality as t(text)',
				[makeSentences()],
			);
			const { rows: companies } = await tx.query<{ id: string }>(
				`insert into truffles.companies (name) values ('bench') returning id`,
			);
			const { rows } = await tx.query<{ id: string }>(
				`insert into truffles.clients (company_id, slug, name, status, time_zone, default_language, config_version, data_key_wrapped)
			 select $1, 'bench_' || n, 'Bench ' || n, 'active', 'Asia/Almaty', 'ru', 1, '\\x00' from generate_series(1, $2::integer) n
			 returning id`,
				[companies[0]?.id, clients],
			);
			await tx.query(
				`insert into truffles.documents (client_id, kind, path, content_hash, body)
			 select c.id, 'markdown', 'document-' || n || '.md', 'h', ''
			   from truffles.clients c cross join generate_series(1, $1::integer) n`,
				[documentsPerClient],
			);
			// Which sentences a chunk gets follows from its number, so that every run has the same texts.
			await tx.query(
				`insert into truffles.knowledge_chunks (client_id, document_id, ordinal, title, text, content_hash)
			 select d.client_id, d.id, n, 'Вопрос ' || n || ' › ' || a.text,
			        concat_ws(' ', b.text, c.text, e.text, 'слово' || (d.number * 31 + n * 7) % $2::integer), 'h'
			   from (select id, client_id, row_number() over (order by client_id, path) as number from truffles.documents) d
			   cross join generate_series(1, $1::integer) n
			   join sentences a on a.at = 1 + (d.number * 7919 + n * 104729) % $3::integer
			   join sentences b on b.at = 1 + (d.number * 15485863 + n * 32452843) % $3::integer
			   join sentences c on c.at = 1 + (d.number * 49979687 + n * 67867967) % $3::integer
			   join sentences e on e.at = 1 + (d.number * 86028121 + n * 104395301) % $3::integer`,
				[chunksPerDocument, OWN_WORDS, SENTENCES],
			);
			return rows.map(({ id }) => id);
		})
		.then(async (ids) => {
			// As after a night of running: otherwise the first reader of each page writes it again.
			await admin.query('set statement_timeout = 0');
			for (const table of ['knowledge_chunks', 'documents']) await admin.query(`vacuum (analyze) truffles.${table}`);
			return ids;
		});
}

/** Sentences of the demo salon's words, with endings and neighbours as they come. */
function makeSentences(): string[] {
	const words = demoTexts()
		.texts.flatMap((text) => text.split(/\s+/u))
		.filter((word) => word !== '');
	return Array.from({ length: SENTENCES }, (_, at) => {
		const picked = Array.from(
			{ length: SENTENCE_WORDS },
			(_unused, place) => words[(at * 7_919 + place * place * 104_729 + place * 31) % words.length] ?? '',
		);
		return `${picked.join(' ')}.`;
	});
}

function demoTexts(): { texts: string[]; titles: string[] } {
	const chunks = readdirSync(DEMO)
		.filter((name) => name.endsWith('.md'))
		.flatMap((name) => chunkMarkdown(name, readFileSync(path.join(DEMO, name), 'utf8')));
	return {
		texts: chunks.map(({ title, text }) => `${title ?? ''} ${text}`),
		titles: chunks.flatMap(({ title }) => (title ?? '').split(/[›/]/u)).filter((part) => part.includes('?')),
	};
}

/** Chunks a client has in a database of this size. */
export function chunksPerClient({ documentsPerClient, chunksPerDocument }: KnowledgeSize): number {
	return documentsPerClient * chunksPerDocument;
}

/** Characters of a chunk, about; said in the report because time depends on it. */
export const CHUNK_WORDS = SENTENCES_PER_CHUNK * SENTENCE_WORDS;
