/** Which branch of the client a message names: "на Абая", "филиал в Мега", "Абайдағы салон". */
import { foldWords } from '../language/fold-text';
import { matchWord } from '../language/token-match';

export interface BranchName {
	readonly key: string;
	readonly name: string;
	/** As shown to customers; null when the branch has none. */
	readonly address: string | null;
}

/** Words that stand in many names and addresses and point to none. */
const GENERIC = new Set(
	foldWords(
		'салон магазин филиал студия центр клиника кафе улица ул проспект пр пр-т мкр микрорайон район дом дом. этаж офис кабинет угол уг город г область трц тц бц жк рядом напротив между красоты сұлулық салоны дүкен дүкені бөлімше көшесі көше даңғылы даңғыл шағын аудан ауданы қаласы қала үй қабат street avenue floor наш ваш на в и по с',
	),
);
const MIN_WORD = 4;
/** Letters at a name's end that Russian and Kazakh cases replace ("Наурызбаева", "Наурызбаевқа"; "Абая", "Абайдағы"). */
const CASE_LETTERS = 2;
const SHORT_NAME = 5;
const MAX_LETTERS_MORE = 5;

/** Key of the branch that the message names; null when it names none, or several equally. */
export function findBranch(words: readonly string[], branches: readonly BranchName[]): string | null {
	const names = branches.map(({ name, address }) => tellingWords(`${name} ${address ?? ''}`));
	const scores = names.map((own, index) => {
		// A word that another branch has too ("Алматы") does not tell them apart.
		const distinct = own.filter((word) => names.every((other, at) => at === index || !other.includes(word)));
		return distinct.filter((word) => words.some((said) => isSameName(said, word))).length;
	});
	const best = Math.max(0, ...scores);
	const winners = branches.filter((_, index) => scores[index] === best);
	return best === 0 || winners.length > 1 ? null : (winners[0]?.key ?? null);
}

function tellingWords(text: string): readonly string[] {
	return [...new Set(foldWords(text))].filter((word) => isTelling(word) && !GENERIC.has(word));
}

/** Long words, and numbers of houses and microdistricts with at least two digits. */
function isTelling(word: string): boolean {
	return /^\p{N}/u.test(word) ? /^\p{N}{2,}/u.test(word) : word.length >= MIN_WORD;
}

function isSameName(said: string, name: string): boolean {
	if (/\p{N}/u.test(name)) return said === name;
	const stem = name.slice(0, name.length - (name.length <= SHORT_NAME ? 1 : CASE_LETTERS));
	return matchWord(said, { stem, isPrefix: true }) !== 'none' && said.length - name.length <= MAX_LETTERS_MORE;
}
