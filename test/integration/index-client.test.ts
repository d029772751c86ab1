import { indexClient } from '../../lib/knowledge/index-client';
import type { VectorChunk, VectorStore } from '../../lib/ports/vector-store';
import { InboxFixture } from '../support/inbox-fixture';

let fixture: InboxFixture;
let steps: string[];
let written: VectorChunk[];

beforeEach(async () => {
	fixture = await InboxFixture.start(2);
	steps = [];
	written = [];
	for (const [index, id] of fixture.clientIds.entries()) {
		const { rows } = await fixture.admin.query<{ id: string }>(
			`insert into documents (client_id, kind, path, content_hash, body) values ($1, 'markdown', 'faq.md', 'h', 'b') returning id`,
			[id],
		);
		await fixture.admin.query(
			`insert into knowledge_chunks (client_id, document_id, ordinal, title, text, content_hash) values ($1, $2, 0, 'Парковка', $3, 'h')`,
			[id, rows[0]?.id, `Парковка есть у салона ${index}`],
		);
	}
});
afterEach(async () => {
	await fixture.stop();
});

const vectors: VectorStore = {
	ensureCollection: async (size) => void steps.push(`collection ${size}`),
	deleteClient: async (tenant) => void steps.push(`delete ${tenant.slug}`),
	upsertChunks: async (tenant, chunks) => {
		steps.push(`upsert ${tenant.slug}`);
		written.push(...chunks);
	},
	deleteChunks: async () => undefined,
	search: async () => ({ hits: [], bestDenseScore: null }),
};

test("only the client's own chunks are written, after what was there of it is gone", async () => {
	const tenant = { id: fixture.client, slug: 'salon_0' };
	const embed = async (texts: readonly string[]) => texts.map((text) => [text.length, 0, 1]);
	expect(await indexClient(fixture.app, vectors, tenant, embed)).toEqual({ chunks: 1, dense: true });
	expect(steps).toEqual(['collection 3', 'delete salon_0', 'upsert salon_0']);
	expect(written).toHaveLength(1);
	expect(written[0]?.dense).toHaveLength(3);
	expect(written[0]?.sparse.indices.length).toBeGreaterThan(5);
});

test('without an embedding model, and when the endpoint gives none, the sparse vectors are written all the same', async () => {
	const tenant = { id: fixture.client, slug: 'salon_0' };
	expect(await indexClient(fixture.app, vectors, tenant, null)).toEqual({ chunks: 1, dense: false });
	expect(await indexClient(fixture.app, vectors, tenant, async () => null)).toEqual({ chunks: 1, dense: false });
	expect(written.every((chunk) => chunk.dense === null)).toBe(true);
});
