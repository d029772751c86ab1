import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { RetrievedChunk } from '../../../lib/item/turn-item';
import { chunkMarkdown } from '../../../lib/knowledge/markdown-chunks';
import { buildLexicalIndex } from '../../../lib/knowledge/lexical-index';
import { composeFromKnowledge } from '../../../lib/reply/compose-from-knowledge';
import { searchSynonyms } from '../../../lib/pack/search-synonyms';
import { BEAUTY, SALON_DIR, turn } from '../classify/demo-salon';

const chunks = ['services.md', 'faq.md', 'rules.md', 'objections.md'].flatMap((path) =>
	chunkMarkdown(path, readFileSync(join(SALON_DIR, path), 'utf8')).map((chunk) => ({
		id: `${path}#${chunk.ordinal}`,
		title: chunk.title,
		text: chunk.text,
		source: path,
	})),
);
const index = buildLexicalIndex(chunks, searchSynonyms(BEAUTY));

const answer = (text: string): string | null => {
	const found = index.search(text, 5);
	const retrieved: RetrievedChunk[] = found.hits.map((hit) => ({
		...hit.chunk,
		score: hit.score,
		relevance: hit.relevance,
	}));
	return (
		composeFromKnowledge({
			...turn(text),
			retrieval: { engine: 'lexical', query: text, chunks: retrieved, nothingRelevant: found.nothingRelevant },
		})?.text ?? null
	);
};

describe("answers from the demo salon's knowledge without a model", () => {
	test.each([
		['есть парковка?', 'Своей парковки нет'],
		['тұрақ бар ма?', 'Өз тұрағымыз жоқ'],
		['Можно прийти с ребёнком?', 'детский уголок'],
		['баламен келуге бола ма', 'балалар бұрышымыз'],
		['сколько держится гель-лак?', '2–3 недели'],
		['гель лак қанша күн тұрады', '2–3 апта'],
		['как вы стерилизуете инструменты?', 'сухожаровой'],
		['Есть подарочные сертификаты?', 'от 5 000 ₸'],
		['сертификат бар ма', '5 000 ₸'],
		['а скидки есть?', 'Постоянных скидок сейчас нет'],
		['жеңілдік бар ма', 'тұрақты жеңілдік жоқ'],
		['больно делать шугаринг?', 'терпимые'],
		['выезжаете на дом?', 'На дом не выезжаем'],
		['с собакой можно?', 'С животными'],
		['можно со своим гель-лаком?', 'цена не меняется'],
		['у меня аллергия на краску, что делать?', 'Тест на краску'],
		['что если я опоздаю', '15 минут'],
		['вайфай есть?', 'Wi-Fi'],
		['сколько держится кератин', '2–4 месяца'],
		['жүкті әйелге шаш бояуға бола ма', 'дәрігерден'],
		['есть ли скидка студентам', 'скидок сейчас нет'],
	])('"%s" is answered with "%s"', (question, part) => {
		expect(answer(question)).toContain(part);
	});

	test('one language only: a Kazakh answer holds no Russian paragraph', () => {
		expect(answer('тұрақ бар ма?')).not.toContain('парковки');
	});

	test.each(['сдачу дадите с 20000?', 'возвращаете деньги если не понравится?'])(
		'"%s" is not in the knowledge and gives no reply',
		(question) => {
			expect(answer(question)).toBeNull();
		},
	);
});
