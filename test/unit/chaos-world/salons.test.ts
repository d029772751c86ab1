import path from 'node:path';

import { designSalons, folderOf, MAX_SALONS } from '../../../scripts/chaos/world/salons';
import { readClientFolder } from '../../../scripts/onboard/read-client-folder';

const ROOT = path.resolve(__dirname, '..', '..', '..');
const salons = designSalons(MAX_SALONS, 'http://127.0.0.1:1');

async function knowledgeOf(salon: (typeof salons)[number]): Promise<string> {
	const demo = await readClientFolder(path.join(ROOT, 'demo', 'demo_salon'), path.join(ROOT, 'packs'));
	const { client, pack, documents } = folderOf(salon, demo);
	return JSON.stringify([client, pack, documents]);
}

test.each(salons)('$slug: every amount ends in $priceEnding, and nothing names another salon', async (salon) => {
	const knowledge = await knowledgeOf(salon);
	const prices = [...knowledge.matchAll(/"price\w*Tenge":(\d+)/g)].map(([, price]) => price ?? '');
	const amounts = [...knowledge.matchAll(/(?<![\d:])\d{1,3} \d{3}(?!\d)/g)].map(([amount]) => amount);
	expect(prices.length).toBeGreaterThan(20);
	expect(amounts.length).toBeGreaterThan(20);
	for (const price of [...prices, ...amounts]) expect(price.endsWith(salon.priceEnding)).toBe(true);
	for (const mark of salon.marks) expect(knowledge).toContain(mark);
	const foreign = ['Айн', 'Наурызба', ...salons.filter((other) => other !== salon).flatMap(({ marks }) => marks)];
	for (const mark of foreign) expect(knowledge).not.toContain(mark);
});

test('no two salons share a secret, a bot, a group or an address', () => {
	const own = salons.flatMap(({ sandbox, telegramWebhookSecret }) => [
		telegramWebhookSecret,
		...Object.values(sandbox.chatflow),
		...Object.values(sandbox.telegram),
		...Object.values(sandbox.gateway),
	]);
	expect(new Set(own).size).toBe(own.length);
});
