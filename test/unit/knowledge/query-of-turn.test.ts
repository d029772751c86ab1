import { queryOfTurn } from '../../../lib/knowledge/query-of-turn';
import { BEAUTY, SALON, said, turn } from '../classify/demo-salon';

const CASES: ReadonlyArray<{ name: string; earlier: string; text: string; query: string }> = [
	{
		name: 'a short question without a service is about the last one',
		earlier: 'Когда можно мыть голову после кератина?',
		text: 'И на сколько его хватает?',
		query: 'И на сколько его хватает? Кератиновое выпрямление',
	},
	{
		name: 'in the language of the answer',
		earlier: 'Шугаринг ауырады ма?',
		text: 'Қанша уақытқа жетеді?',
		query: 'Қанша уақытқа жетеді? Шугаринг',
	},
	{
		name: 'a question that names its service stays as it is',
		earlier: 'Сколько стоит маникюр?',
		text: 'А педикюр больно?',
		query: 'А педикюр больно?',
	},
	{
		name: 'of two questions the one that facts do not answer, with its service',
		earlier: 'Здравствуйте',
		text: 'шугаринг ног сколько по цене, и больно ли это',
		query: 'больно ли это Шугаринг ног полностью',
	},
	{
		name: 'a doubt about the price keeps to itself',
		earlier: 'Сколько стоит маникюр?',
		text: 'Дорого как-то',
		query: 'Дорого как-то',
	},
	{
		name: 'a question after nothing stays as it is',
		earlier: 'Здравствуйте',
		text: 'Есть парковка?',
		query: 'Есть парковка?',
	},
];
test.each(CASES)('$name', ({ earlier, text, query }) => {
	expect(queryOfTurn(turn(text, { history: [said('user', earlier)] }), SALON, BEAUTY)).toBe(query);
});
