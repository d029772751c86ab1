import { readFileSync } from 'node:fs';
import path from 'node:path';
import { buildLexicalIndex } from '../../../lib/knowledge/lexical-index';
import { chunkMarkdown } from '../../../lib/knowledge/markdown-chunks';
import { startCpuClock } from '../../support/cpu-clock';

const FOLDER = path.resolve(__dirname, '../../../demo/demo_salon');
const chunks = ['faq.md', 'rules.md', 'objections.md', 'services.md'].flatMap((file) =>
	chunkMarkdown(file, readFileSync(path.join(FOLDER, file), 'utf8')).map((chunk) => ({
		...chunk,
		id: `${file}#${chunk.ordinal}`,
	})),
);
const SYNONYMS = [
	['ребенок', 'дети', 'малыш', 'бала'],
	['парковка', 'тұрақ', 'стоянка'],
	['wi-fi', 'wifi', 'вайфай', 'вай фай', 'интернет'],
];
const index = buildLexicalIndex(chunks, SYNONYMS);

/** Questions of customers in their own words, typing errors and Latin letters included; `title` is part of the heading wanted. */
const QUESTIONS: ReadonlyArray<{ query: string; title: RegExp }> = [
	{ query: 'а можно без записи прийти?', title: /без записи/ },
	{ query: 'нужна запись заранее или так можно', title: /без записи/ },
	{ query: 'сколько держится гель лак', title: /держится гель-лак/ },
	{ query: 'как долго носится гель-лак?', title: /гель-лак/ },
	{ query: 'отошел гель лак через 3 дня что делать', title: /гарантия/ },
	{ query: 'есть гарантия?', title: /гарантия/ },
	{ query: 'как вы стерилизуете инструменты', title: /стерилизуются/ },
	{ query: 'инструменты стерильные?', title: /стерилизуются/ },
	{ query: 'у меня аллергия на краску', title: /Аллергия/ },
	{ query: 'можно беременным красить волосы?', title: /беременным/ },
	{ query: 'я жүктімін, маникюр жасауға бола ма', title: /беременным/ },
	{ query: 'можно с ребенком прийти', title: /ребёнком/ },
	{ query: 'баламен келсем бола ма', title: /ребёнком/ },
	{ query: 'с детьми пускаете?', title: /ребёнком/ },
	{ query: 'есть у вас парковка?', title: /парковка/ },
	{ query: 'parkovka est?', title: /парковка/ },
	{ query: 'көлікті қайда қоюға болады', title: /парковка/ },
	{ query: 'тұрақ бар ма', title: /парковка/ },
	{ query: 'хочу подарочный сертификат', title: /сертификаты/ },
	{ query: 'сертификат бар ма', title: /сертификаты/ },
	{ query: 'есть скидки именинникам?', title: /скидки/ },
	{ query: 'жениндик барма', title: /скидки/ },
	{ query: 'можно в рассрочку?', title: /рассрочка/ },
	{ query: 'предоплата нужна?', title: /предоплата/ },
	{ query: 'если я опаздаю на 10 минут', title: /опозда|Опоздания/ },
	{ query: 'кешігіп қалсам не болады', title: /опозда|Опоздания/ },
	{ query: 'как перенести запись', title: /перен/ },
	{ query: 'больно ли шугаринг', title: /шугаринг|больно/ },
	{ query: 'кератин портит волосы?', title: /кератин/i },
	{ query: 'надо ли мыть голову перед стрижкой', title: /мыть голову/ },
	{ query: 'можно со своим лаком', title: /своим лаком/ },
	{ query: 'на дом выезжаете?', title: /на дом/ },
	{ query: 'үйге келесіздер ме', title: /на дом/ },
	{ query: 'где посмотреть ваши работы фото', title: /фото работ/ },
	{ query: 'можно выбрать мастера?', title: /выбрать мастера/ },
	{ query: 'есть вай фай?', title: /Wi-Fi/ },
	{ query: 'wifi бар ма', title: /Wi-Fi/ },
	{ query: 'ищете мастера на работу?', title: /вакансии/ },
	{ query: 'можно прийти с собакой? животные', title: /Животные/ },
	{ query: 'чем отличается классика от 2д', title: /классическое/ },
	{ query: 'почему так дорого у вас', title: /дорого/ },
];

/** What this salon's knowledge says nothing about. */
const FOREIGN: readonly string[] = [
	'сколько стоит доллар сегодня',
	'какая погода в астане',
	'кто президент франции',
	'продаете ли вы айфоны',
	'установите мне кондиционер',
	'нужен ремонт квартиры под ключ',
	'помогите с дипломной работой по экономике',
	'шиномонтаж бар ма',
	'ауа райы қандай',
	'напишите стихотворение про осень',
	'где купить билеты на самолет',
	'у вас есть суши и пицца',
];

test('for most questions the entry wanted is first, for nearly all among the first three', () => {
	const misses: string[] = [];
	let first = 0;
	for (const { query, title } of QUESTIONS) {
		const titles = index.search(query, 3).hits.map(({ chunk }) => chunk.title ?? '');
		if (title.test(titles[0] ?? '')) first += 1;
		if (!titles.some((found) => title.test(found))) misses.push(`${query} -> ${titles.join(' | ')}`);
	}
	expect(first / QUESTIONS.length).toBeGreaterThanOrEqual(0.85);
	expect(misses.length / QUESTIONS.length).toBeLessThanOrEqual(0.05);
});

test('questions about something else mostly find nothing', () => {
	const found = FOREIGN.filter((query) => !index.search(query, 3).nothingRelevant);
	expect(found.length / FOREIGN.length).toBeLessThanOrEqual(0.25);
});

test('a search over the demo knowledge takes under 10 ms', () => {
	const cpuMs = startCpuClock();
	for (let round = 0; round < 5; round += 1) for (const { query } of QUESTIONS) index.search(query, 4);
	expect(cpuMs() / (5 * QUESTIONS.length)).toBeLessThan(10);
});
