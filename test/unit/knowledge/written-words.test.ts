import fc from 'fast-check';
import { foldWord, rawWords } from '../../../lib/language/fold-text';
import { GramBuckets, gramCount } from '../../../lib/knowledge/gram-buckets';
import { gramsOfWord } from '../../../lib/knowledge/search-terms';
import { foldWordOnce, writtenWords } from '../../../lib/knowledge/written-words';

test.each([
	'Сколько стоит стрижка?',
	'Қанша тұрады, сәлем!',
	"об'ява д’Артаньян 'кавычки' l'été",
	'№5, 1 000 ₸ — «цена» 12:30',
	'Wi-Fi\nпо‑русски',
	'ﬁne ½ ＡＢＣ',
	'слово́ с ударением',
	'😀 эмодзи👍🏽',
	'тире–между—словами…',
	"'''",
	'',
])('the short way gives the words of the long one: %j', (text) => {
	expect(writtenWords(text)).toEqual(rawWords(text));
});

test('the same holds for any text', () => {
	const letters = fc.constantFrom(..."абвқңіёйьЪABcz019 \n\t.,!?-–—«»’'`ʼ№₸…/()é".split(''), '\u0301', '\u200B', '😀');
	fc.assert(
		fc.property(fc.array(letters, { maxLength: 40 }), (given) => {
			const text = given.join('');
			expect(writtenWords(text)).toEqual(rawWords(text));
		}),
		{ numRuns: 500 },
	);
});

test('a remembered form is the folded form', () => {
	for (const word of ['Қанша', 'қанша', 'ьъ', 'schastye']) {
		expect(foldWordOnce(word)).toBe(foldWord(word));
		expect(foldWordOnce(word)).toBe(foldWord(word));
	}
});

test('buckets find exactly the words that hold a gram', () => {
	const words = fc.uniqueArray(fc.string({ unit: fc.constantFrom('а', 'б', 'в', 'н'), minLength: 1, maxLength: 9 }), {
		minLength: 1,
		maxLength: 60,
	});
	fc.assert(
		fc.property(words, (vocabulary) => {
			const buckets = new GramBuckets(vocabulary);
			for (const gram of new Set(vocabulary.flatMap(gramsOfWord))) {
				const expected = vocabulary.flatMap((word, id) => (gramsOfWord(word).includes(gram) ? [id] : []));
				expect(buckets.wordsWith(gram)).toEqual(expected);
			}
			for (const word of vocabulary) expect(gramCount(word)).toBe(gramsOfWord(word).length);
		}),
		{ numRuns: 60 },
	);
});
