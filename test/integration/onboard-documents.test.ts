import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { NodeCrypto } from '../../lib/adapters/node-crypto';
import { createPgDb, type PgDb } from '../../lib/adapters/pg-db';
import { ClientKeyring } from '../../lib/crypto/client-keys';
import { loadChunks, type StoredChunk } from '../../lib/knowledge/knowledge-store';
import { searchKnowledge } from '../../lib/knowledge/search-knowledge';
import { onboardClient, type OnboardingResult } from '../../lib/onboarding/onboard-client';
import { FolderProblem, readClientFolder } from '../../scripts/onboard/read-client-folder';
import { makeDocx, makePdf } from '../support/documents';
import { startTestPostgres, type TestPostgres } from '../support/postgres';

const ROOT = path.resolve(__dirname, '../..');
const NOW = new Date('2026-11-21T08:00:00Z');

jest.setTimeout(60_000);

let postgres: TestPostgres;
let admin: PgDb;
let app: PgDb;
let folder: string;

beforeAll(async () => {
	postgres = await startTestPostgres();
	admin = createPgDb({ connectionString: postgres.adminUrl, applicationName: 'test', maxConnections: 2 });
	app = createPgDb({ connectionString: postgres.appUrl, applicationName: 'test' });
});
afterAll(async () => {
	await Promise.all([admin?.close(), app?.close()]);
	await postgres?.stop();
});
beforeEach(() => {
	folder = mkdtempSync(path.join(tmpdir(), 'truffles-documents-'));
	for (const file of ['client.yaml', 'pack.yaml'])
		cpSync(path.join(ROOT, 'demo/demo_salon', file), path.join(folder, file));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, content: string | Buffer): void {
	mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
	writeFileSync(path.join(folder, name), content);
}

function describeDocuments(yaml: string): void {
	const file = path.join(folder, 'client.yaml');
	const text = readFileSync(file, 'utf8').replace('is_default: true', 'is_default: true\n    knowledge_tag: main_tag');
	writeFileSync(file, `${text}\ndocuments:\n${yaml}`);
}

async function onboard(): Promise<OnboardingResult> {
	const crypto = new NodeCrypto();
	return await onboardClient({
		db: admin,
		keyring: new ClientKeyring(crypto, Buffer.alloc(32, 1)),
		crypto,
		folder: await readClientFolder(folder, path.join(ROOT, 'packs')),
	});
}

async function chunksOf(result: OnboardingResult): Promise<StoredChunk[]> {
	const id = result.clientId ?? '';
	return await app.asClient(id, async (tx) => await loadChunks(tx, id));
}

test('Markdown, TXT, PDF and DOCX become chunks with their structure; a README and other files do not', async () => {
	write('faq.md', '# Вопросы\n\n## Есть парковка?\n\nДа, во дворе.\n');
	write('rules/visit.txt', 'Можно прийти с ребёнком?\nДа, есть игровой уголок.\n');
	write(
		'about.pdf',
		await makePdf([
			[
				{ text: 'Opening hours', size: 18 },
				{ text: 'Every day from nine.', gap: 8 },
			],
		]),
	);
	write(
		'price.docx',
		await makeDocx([
			{
				heading: 'Маникюр',
				rows: [
					['Услуга', 'Цена'],
					['Гель-лак', '8 000 ₸'],
				],
			},
		]),
	);
	write('README.md', '# Не знания');
	write('table.xlsx', 'x');
	symlinkSync('/etc/hostname', path.join(folder, 'link.txt'));
	const result = await onboard();
	expect(result.notes).toEqual(
		expect.arrayContaining([
			'link.txt is not read; documents are .md, .txt, .pdf and .docx files',
			'table.xlsx is not read; documents are .md, .txt, .pdf and .docx files',
		]),
	);
	const chunks = await chunksOf(result);
	expect(chunks.map(({ source, documentKind, title, text }) => ({ source, documentKind, title, text }))).toEqual([
		{ source: 'about.pdf', documentKind: 'pdf', title: 'Opening hours', text: 'Every day from nine.' },
		{ source: 'faq.md', documentKind: 'markdown', title: 'Вопросы › Есть парковка?', text: 'Да, во дворе.' },
		{ source: 'price.docx', documentKind: 'docx', title: 'Маникюр', text: 'Услуга — Цена\nГель-лак — 8 000 ₸' },
		{
			source: 'rules/visit.txt',
			documentKind: 'text',
			title: 'Можно прийти с ребёнком?',
			text: 'Да, есть игровой уголок.',
		},
	]);
	expect((await onboard()).changes).toEqual([]);
});

test('branch, type, language and days of a document reach its chunks and limit the search', async () => {
	write('faq.md', '---\ntype: faq\nlanguage: ru\n---\n## Есть парковка?\n\nДа, во дворе.\n');
	write('price.txt', 'Парковка стоит 500');
	write('old.txt', 'Парковка закрыта на ремонт');
	describeDocuments(
		'  - { path: price.txt, branch: main, type: price_list }\n  - { path: old.txt, valid_from: 2026-01-01, valid_to: 2026-11-20 }\n',
	);
	const result = await onboard();
	const id = result.clientId ?? '';
	const found = async (over: object, now = NOW): Promise<string[]> =>
		(await searchKnowledge({ db: app, clientId: id, configVersion: 1, query: 'парковка', now, ...over })).chunks
			.map(({ source }) => source)
			.sort();
	expect(await found({})).toEqual(['faq.md']);
	expect(await found({ branchTag: 'main_tag' })).toEqual(['faq.md', 'price.txt']);
	expect(await found({ branchTag: 'main_tag', documentKinds: ['price_list'] })).toEqual(['price.txt']);
	expect(await found({ branchTag: 'main_tag', language: 'kk' })).toEqual(['price.txt']);
	// The last day belongs to the period, in Almaty: it ends at 19:00 UTC.
	expect(await found({}, new Date('2026-11-20T18:59:59Z'))).toEqual(['faq.md', 'old.txt']);
	expect(await found({}, new Date('2026-11-20T19:00:00Z'))).toEqual(['faq.md']);
});

test('what is said about a document changes its chunks; a file that is gone stops answering', async () => {
	write('a.txt', 'Есть парковка?\nДа.');
	write('b.txt', 'Есть душ?\nНет.');
	await onboard();
	describeDocuments('  - { path: a.txt, type: faq }\n');
	rmSync(path.join(folder, 'b.txt'));
	const result = await onboard();
	expect(result.changes.filter(({ kind }) => kind === 'document')).toEqual([
		{ kind: 'document', action: 'update', name: 'a.txt' },
		{ kind: 'document', action: 'delete', name: 'b.txt' },
	]);
	expect((await chunksOf(result)).map(({ documentKind }) => documentKind)).toEqual(['faq']);
});

test('every document that cannot be read is named with its code, and nothing is written', async () => {
	write('broken.pdf', '%PDF-1.7 rubbish');
	write('locked.pdf', await makePdf([[{ text: 'x' }]], { password: 'p' }));
	write('bad.docx', 'x');
	write('bad.md', '---\n: [\n---\nтекст');
	write('line\nbreak.docx', 'x');
	const problem = await readClientFolder(folder, path.join(ROOT, 'packs')).catch((error: unknown) => error);
	expect(problem).toBeInstanceOf(FolderProblem);
	const lines = (problem as FolderProblem).message.split('\n');
	expect(lines).toHaveLength(5);
	expect(lines.map((line) => line.split(/\s+/u)[0])).toEqual([
		'TRF_DOCUMENT_UNREADABLE',
		'TRF_DOCUMENT_UNREADABLE',
		'TRF_DOCUMENT_UNREADABLE',
		'TRF_DOCUMENT_UNREADABLE',
		'TRF_DOCUMENT_ENCRYPTED',
	]);
	expect(lines[3]).toContain('line break.docx');
});
