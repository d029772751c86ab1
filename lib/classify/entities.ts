/** Dates, amounts, names and branches in a message, as written; nothing is calculated here. */
import { foldWords, normalizeText } from '../language/fold-text';

const START = '(?<![\\p{L}\\p{N}])';
const END = '(?![\\p{L}\\p{N}])';

const RU_DAYS =
	'понедельник\\p{L}*|вторник\\p{L}*|сред[ауы]|четверг\\p{L}*|пятниц\\p{L}*|суббот\\p{L}*|воскресен\\p{L}*|пн|вт|ср|чт|пт|сб|вс';
const KK_DAYS =
	'д[үу]йсенб[іи]\\p{L}*|сейсенб[іи]\\p{L}*|с[әа]рсенб[іи]\\p{L}*|бейсенб[іи]\\p{L}*|ж[ұу]ма(?:ға|га|да|нда)?|жексенб[іи]\\p{L}*|сенб[іи]\\p{L}*|(?:d[uy]i|sei|sar|bei|je[kq]|zhek)?senbi\\p{L}*';
const RU_MONTHS =
	'январ\\p{L}*|феврал\\p{L}*|марта?|апрел\\p{L}*|ма[яй]|июн\\p{L}*|июл\\p{L}*|август\\p{L}*|сентябр\\p{L}*|октябр\\p{L}*|ноябр\\p{L}*|декабр\\p{L}*';
const KK_MONTHS =
	'қаңтар\\p{L}*|ақпан\\p{L}*|наурыз\\p{L}*|сәуір\\p{L}*|мамыр\\p{L}*|маусым\\p{L}*|шілде\\p{L}*|тамыз\\p{L}*|қыркүйек\\p{L}*|қазан\\p{L}*|қараша\\p{L}*|желтоқсан\\p{L}*';

const RU_HOURS =
	'час|два|три|четыре|пять|шесть|семь|восемь|девять|десять|одиннадцать|двенадцать|двум|трем|трём|четырем|четырём|пяти|шести|семи|восьми|девяти|десяти|одиннадцати|двенадцати';
const KK_HOURS = 'б[іи]р|ек[іи]|[үу]ш|т[өо]рт|бес|алты|жет[іи]|сег[іи]з|то[ғг]ыз|он б[іи]р|он ек[іи]|он';

const DATE_PATTERNS = [
	`послезавтра|позавтра|сегодня|завтра|б[үу]г[іи]н(?:ге|г[іи])?|ерте[ңн](?:ге|г[іи])?|арғы к[үу]н[іи]|б[үу]рс[іи]г[үу]н[іи]|erte[nñ](?:ge)?|b[uü]gin(?:ge)?|poslezavtra|zavtra|segodnya|today|tomorrow`,
	`(?:в|во|на|к|до)?\\s?(?:эт[уо]\\p{L}*\\s|следующ\\p{L}*\\s)?(?:${RU_DAYS})`,
	`(?:${KK_DAYS})(?:\\s?күні|\\s?күнге)?`,
	`\\d{1,2}(?:-?го)?\\s(?:${RU_MONTHS}|${KK_MONTHS})`,
	`\\d{1,2}(?:-?го|\\sчисла)`,
	`\\d{1,2}\\.\\d{1,2}(?:\\.\\d{2,4})?`,
	`(?:в|на|к|с|после|до|около)?\\s?(?:[01]?\\d|2[0-3])[:.\\-][0-5]\\d`,
	`(?:в|на|к|с|после|до|около)\\s(?:[01]?\\d|2[0-3])(?:\\s?(?:час\\p{L}*|ч))?(?:\\s(?:утра|дня|вечера))?(?!\\s?(?:лет|человек|%|тг|тенге|₸|\\d))`,
	`(?:в|к|после|до|около)\\s(?:${RU_HOURS})(?:\\s(?:час\\p{L}*|утра|дня|вечера|ночи)|(?!\\s(?:раз\\p{L}*|год\\p{L}*|человек\\p{L}*|мастер\\p{L}*|руки|при[её]м\\p{L}*)))`,
	`са[ғг]ат\\s?\\d{1,2}(?:[:.][0-5]\\d)?(?:-?\\p{L}{2,3})?`,
	`са[ғг]ат\\s(?:${KK_HOURS})\\p{L}{0,4}`,
	`через\\s(?:час|полчаса|пару часов|\\d{1,2}\\s(?:мин\\p{L}*|час\\p{L}*|дн\\p{L}*))`,
	`\\d{1,2}\\s?-\\s?(?:ге|ке|ға|қа|га|ка)`,
	`\\d{1,2}[:.][0-5]\\d-?(?:ге|ға|де|да|те|та|ден|дан)`,
	`после обеда|до обеда|с утра|утром|вечером|днем|днём|на выходн\\p{L}*|на неделе|та[ңн]ерте[ңн]|кешке|т[үу]стен кей[іи]н|т[үу]ске дей[іи]н|осы апта\\p{L}*|келес[іи] апта\\p{L}*|vecherom|utrom|keshke`,
].map((source) => new RegExp(`${START}(?:${source})${END}`, 'giu'));

/** Date and time expressions as written, in the order of the text; neighbours are joined ("завтра в 15:00"). */
export function findDateTimes(text: string): readonly string[] {
	const source = normalizeText(text);
	const spans = DATE_PATTERNS.flatMap((pattern) =>
		[...source.matchAll(pattern)].map((match) => trimmedSpan(match.index, match[0])),
	);
	const joined: Array<{ from: number; to: number }> = [];
	for (const span of spans.sort((a, b) => a.from - b.from || b.to - a.to)) {
		const last = joined.at(-1);
		if (last !== undefined && span.from <= last.to) last.to = Math.max(last.to, span.to);
		else if (last !== undefined && /^[\s,]*$/u.test(source.slice(last.to, span.from))) last.to = span.to;
		else joined.push({ ...span });
	}
	return joined.map(({ from, to }) => source.slice(from, to).trim());
}

function trimmedSpan(index: number, matched: string): { from: number; to: number } {
	const lead = matched.length - matched.trimStart().length;
	return { from: index + lead, to: index + matched.trimEnd().length };
}

const AMOUNT =
	/(?<![\p{L}\p{N}.,])(\d{1,3}(?:[\s.,]\d{3})+|\d{3,8})\s?(?:₸|тг|тенге|теңге|kzt|тнг)(?![\p{L}\p{N}])|(?<![\p{L}\p{N}.,])(\d{1,4})\s?(?:тыс\p{L}*|к|мың)(?![\p{L}\p{N}])/giu;

/** Amounts of money named in the text, integer tiyn ("8 000 тг", "15 тыс", "бес мың"); those in words come last. */
export function findAmountsTiyn(text: string): readonly number[] {
	const inDigits = [...text.matchAll(AMOUNT)].map((match) => {
		const [, whole, thousands] = match;
		const tenge = whole === undefined ? Number(thousands) * 1000 : Number(whole.replace(/\D/gu, ''));
		return tenge * 100;
	});
	return [...inDigits, ...spelledThousands(foldWords(text)).map((thousands) => thousands * 1000 * 100)];
}

const THOUSAND_WORDS = new Set(foldWords('тысяч тысячи тысячу тыщ тыщи тыс мың мыңға мыңнан мыңдай'));
const NUMBERS: ReadonlyMap<string, number> = new Map(
	[
		'один одну бір=1',
		'два две двух екі=2',
		'три трех үш=3',
		'четыре четырех төрт=4',
		'пять пяти бес=5',
		'шесть шести алты=6',
		'семь семи жеті=7',
		'восемь восьми сегіз=8',
		'девять девяти тоғыз=9',
		'десять десяти он=10',
		'двенадцать=12',
		'пятнадцать=15',
		'двадцать жиырма=20',
		'тридцать отыз=30',
		'сорок қырық=40',
		'пятьдесят елу=50',
		'сто жүз=100',
	].flatMap((entry) => {
		const [words = '', value] = entry.split('=');
		return foldWords(words).map((word) => [word, Number(value)] as const);
	}),
);

/** Thousands said in words right before their word: "двадцать пять тысяч", "он бес мың". */
function spelledThousands(words: readonly string[]): readonly number[] {
	return words.flatMap((word, index) => {
		if (!THOUSAND_WORDS.has(word)) return [];
		let sum = 0;
		for (let at = index - 1; at >= 0 && index - at <= 3; at--) {
			const value = NUMBERS.get(words[at] ?? '');
			if (value === undefined) break;
			sum += value;
		}
		return sum === 0 ? [] : [sum];
	});
}

/** After these words a name follows in whatever case it is written. */
const NAME_ANY_CASE =
	/(?<![\p{L}\p{N}])(?:меня зовут|зовут меня|мо[её] имя|имя\s?:|мен[іи][ңн] атым|ес[іи]м[іи]м|menya zovut|meni[nñ] atym)\s+(\p{L}{2,20})(?![\p{L}\p{N}])/iu;
const NAME =
	/(?<![\p{L}\p{N}])(?:меня зовут|зовут меня|мо[её] имя|это|я\s?[-—]|менің атым|атым|есімім)\s+(\p{Lu}\p{L}{1,20})(?![\p{L}\p{N}])/u;

const NO_NAMES: ReadonlySet<string> = new Set(['не', 'уже', 'на', 'как', 'в', 'по', 'для', 'кім', 'бар', 'жоқ']);

/** The customer's own name when they introduce themselves, as written; after «это» and «атым» only with a capital letter. */
export function findName(text: string): string | null {
	const named = NAME_ANY_CASE.exec(normalizeText(text))?.[1];
	if (named !== undefined && !NO_NAMES.has(named.toLowerCase())) return named;
	const match = NAME.exec(
		normalizeText(text).replace(/^(Меня|Это|Менің|Атым|Зовут|Есімім|Мо[её]|Я)/u, (word) => word.toLowerCase()),
	);
	return match?.[1] ?? null;
}
