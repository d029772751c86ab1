/**
 * Numbers written in Russian and Kazakh words, put into digits so that one set of patterns reads both.
 *
 * Only what is a quantity is rewritten: a number with a thousand or million in it, and a small one beside a unit
 * ("двадцать процентов", "жарты сағат", "кешкі сегізге дейін"). "Два мастера" and "мың рахмет" stay as they are.
 */
import words from './spelled-numbers.json';

const VALUES: ReadonlyMap<string, number> = new Map(Object.entries(words.values));
const KAZAKH: ReadonlyMap<string, number> = new Map(Object.entries(words.kazakh));
const MULTIPLIERS: ReadonlyMap<string, number> = new Map(Object.entries(words.multipliers));

const CASE_ENDING = /(?:ға|ге|қа|ке|дан|ден|тан|тен|нан|нен|да|де|та|те|дың|дің|тың|тің|ның|нің|ды|ді|ты|ті|ны|ні)$/u;
const UNIT_AFTER =
	/^ ?(?:процент|пайыз|час|сағат|минут|мин(?!\p{L})|утра|вечера|ночи|дня(?!\p{L})|тенге|теңге|тг(?!\p{L})|руб|долл|евро|тыс|мың|к(?!\p{L})|день|дней|дня|сутки|суток|недел|месяц|год|лет(?!\p{L})|жыл|күн|апта|ай(?!\p{L}))/u;
const CURRENCY_AFTER = /^ ?(?:тенге|теңге|тг(?!\p{L})|₸|руб|долл|евро)/u;
const HOUR_BEFORE = /(?:сағат|таңғы|таңертеңгі|кешкі|түскі|түнгі)(?: сағат)? $/u;
const BOUND_AFTER = /^ ?(?:дейін|бастап)/u;

/** How far a unit or a preposition may stand from its number. */
const CONTEXT_CHARS = 24;

interface Word {
	readonly value: number;
	readonly kind: 'value' | 'multiplier' | 'half';
	/** Case ending of a Kazakh number: "тоғызға" is 9 with "ға". */
	readonly ending: string;
	readonly start: number;
	readonly end: number;
}

/** The text with its spelled quantities in digits; everything else is untouched. Expects a text in lower case. */
export function digitsForWords(text: string): string {
	const fixed = text
		.replace(/(?<!\p{L})(?:пол-?часа|получаса|пол часа|жарты сағат)/gu, '30 минут')
		.replace(/(?<=(?:длится|займет|занимает|около|примерно|всего) )час(?:а)?(?!\p{L})/gu, '1 час')
		.replace(
			/(?<=(?:за|через) )час(?= (?:до|после|раньше)(?!\p{L}))|(?<=через |(?:сделаем|сделает|приедем|приедет|успеем|готовы?|отменить|доставим|привезем|предупредить)(?: \p{L}{1,12})? за )час(?![\p{L}/])/gu,
			'1 час',
		)
		.replace(
			/(?<=(?:держится|держатся|хватает|сохраняется|действует) )(?:год|месяц|неделю|сутки|день)(?!\p{L})/gu,
			'1 $&',
		)
		.replace(/(?<![\p{L}\p{N}] ?)час(?= \d{1,2} ?мин)/gu, '1 час');
	let result = '';
	let copied = 0;
	for (const run of runsOf(fixed)) {
		const first = run[0];
		const last = run.at(-1);
		if (first === undefined || last === undefined) continue;
		const before = (result + fixed.slice(copied, first.start)).slice(-CONTEXT_CHARS);
		const written = digitsOf(run, before, fixed.slice(last.end, last.end + CONTEXT_CHARS));
		if (written === null) continue;
		result += fixed.slice(copied, first.start) + written;
		copied = last.end;
	}
	return result + fixed.slice(copied);
}

function runsOf(text: string): Word[][] {
	const runs: Word[][] = [];
	let run: Word[] = [];
	const close = (): void => {
		if (run.some(({ kind }) => kind !== 'half')) runs.push(run);
		run = [];
	};
	for (const match of text.matchAll(/(?<![\p{L}\p{N}])\p{L}+(?![\p{L}\p{N}])/gu)) {
		const word = readWord(match[0], match.index);
		const previous = run.at(-1);
		// "с половиной": the preposition belongs to the number only between a number and its half.
		if (match[0] === 'с' && previous !== undefined && text.startsWith(' половин', match.index + 1)) continue;
		const gap = previous === undefined ? '' : text.slice(previous.end, match.index);
		const joins = previous === undefined || ((gap === ' ' || gap === ' с ') && previous.ending === '');
		if (word === null || !joins) close();
		if (word !== null) run.push(word);
	}
	close();
	return runs;
}

function readWord(word: string, start: number): Word | null {
	const end = start + word.length;
	const base = { ending: '', start, end };
	if (word === 'половиной' || word === 'жарым') return { ...base, value: 0.5, kind: 'half' };
	const multiplier = MULTIPLIERS.get(word);
	if (multiplier !== undefined) return { ...base, value: multiplier, kind: 'multiplier' };
	const value = VALUES.get(word) ?? KAZAKH.get(word);
	if (value !== undefined) return { ...base, value, kind: 'value' };
	const ending = CASE_ENDING.exec(word)?.[0] ?? '';
	const stem = KAZAKH.get(word.slice(0, word.length - ending.length));
	return ending === '' || stem === undefined ? null : { ...base, value: stem, kind: 'value', ending };
}

/** Digits of a run when it is a quantity, with the case ending set off ("9-ға"); null when it is left as it stands. */
function digitsOf(run: readonly Word[], before: string, after: string): string | null {
	const hasMultiplier = run.some(({ kind }) => kind === 'multiplier');
	const ending = run.at(-1)?.ending ?? '';
	// "8 тысяч" is read with its digit; "тысячи довольных клиентов" and "мың рахмет" are no amounts.
	if (/\d ?$/u.test(before)) return null;
	if (run.every(({ kind }) => kind === 'multiplier') && !CURRENCY_AFTER.test(after)) return null;
	const isHour =
		HOUR_BEFORE.test(before) ||
		(ending !== '' && (BOUND_AFTER.test(after) || /^ ?\p{L}+(?:ға|ге|қа|ке)(?: дейін)/u.test(after))) ||
		(/(?:^| )с $/u.test(before) && /^ до (?:\p{L}+|\d{1,2})(?= (?:час|утра|вечера|дня)|[.,!]|$)/u.test(after)) ||
		/(?:^| )с \d{1,2} до $/u.test(before);
	if (!hasMultiplier && !UNIT_AFTER.test(after) && !isHour) return null;
	const value = valueOf(run);
	return ending === '' ? String(value) : `${value}-${ending}`;
}

function valueOf(run: readonly Word[]): number {
	let total = 0;
	let group = 0;
	let lastMultiplier = 1;
	for (const { kind, value } of run) {
		if (kind === 'half') {
			if (group > 0) group += value;
			else total += value * lastMultiplier;
		} else if (kind === 'multiplier') {
			total += Math.round((group === 0 ? 1 : group) * value);
			group = 0;
			lastMultiplier = value;
		} else {
			// Kazakh counts hundreds: "бес жүз" is 5 × 100, "жүз" alone is 100.
			group = value === 100 && group > 0 && group < 10 ? group * 100 : group + value;
		}
	}
	return total + group;
}
