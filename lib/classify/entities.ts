/** Dates, amounts, names and branches in a message, as written; nothing is calculated here. */
import { normalizeText } from '../language/fold-text';

const START = '(?<![\\p{L}\\p{N}])';
const END = '(?![\\p{L}\\p{N}])';

const RU_DAYS =
	'понедельник\\p{L}*|вторник\\p{L}*|сред[ауы]|четверг\\p{L}*|пятниц\\p{L}*|суббот\\p{L}*|воскресен\\p{L}*|пн|вт|ср|чт|пт|сб|вс';
const KK_DAYS =
	'дүйсенбі\\p{L}*|сейсенбі\\p{L}*|сәрсенбі\\p{L}*|бейсенбі\\p{L}*|жұма\\p{L}{0,4}|жексенбі\\p{L}*|сенбі\\p{L}*';
const RU_MONTHS =
	'январ\\p{L}*|феврал\\p{L}*|марта?|апрел\\p{L}*|ма[яй]|июн\\p{L}*|июл\\p{L}*|август\\p{L}*|сентябр\\p{L}*|октябр\\p{L}*|ноябр\\p{L}*|декабр\\p{L}*';
const KK_MONTHS =
	'қаңтар\\p{L}*|ақпан\\p{L}*|наурыз\\p{L}*|сәуір\\p{L}*|мамыр\\p{L}*|маусым\\p{L}*|шілде\\p{L}*|тамыз\\p{L}*|қыркүйек\\p{L}*|қазан\\p{L}*|қараша\\p{L}*|желтоқсан\\p{L}*';

const DATE_PATTERNS = [
	`послезавтра|позавтра|сегодня|завтра|бүгінге|бүгін|бугин|ертеңге|ертең|ертен|арғы күні|бүрсігүні|erten|bugin|zavtra|segodnya|today|tomorrow`,
	`(?:в|во|на|к|до)?\\s?(?:эт[уо]\\p{L}*\\s|следующ\\p{L}*\\s)?(?:${RU_DAYS})`,
	`(?:${KK_DAYS})(?:\\s?күні|\\s?күнге)?`,
	`\\d{1,2}(?:-?го)?\\s(?:${RU_MONTHS}|${KK_MONTHS})`,
	`\\d{1,2}\\.\\d{1,2}(?:\\.\\d{2,4})?`,
	`(?:в|на|к|с|после|до|около)?\\s?(?:[01]?\\d|2[0-3])[:.\\-][0-5]\\d`,
	`(?:в|на|к|с|после|до|около)\\s(?:[01]?\\d|2[0-3])(?:\\s?(?:час\\p{L}*|ч))?(?:\\s(?:утра|дня|вечера))?(?!\\s?(?:лет|человек|%|тг|тенге|₸|\\d))`,
	`сағат\\s?\\d{1,2}(?:[:.][0-5]\\d)?(?:-?\\p{L}{2,3})?`,
	`\\d{1,2}[:.][0-5]\\d-?(?:ге|ға|де|да|те|та|ден|дан)`,
	`после обеда|до обеда|с утра|утром|вечером|днем|днём|на выходн\\p{L}*|на неделе|таңертең|кешке|түстен кейін|осы апта\\p{L}*`,
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

/** Amounts of money named in the text, integer tiyn ("8 000 тг", "15 тыс"). */
export function findAmountsTiyn(text: string): readonly number[] {
	return [...text.matchAll(AMOUNT)].map((match) => {
		const [, whole, thousands] = match;
		const tenge = whole === undefined ? Number(thousands) * 1000 : Number(whole.replace(/\D/gu, ''));
		return tenge * 100;
	});
}

const NAME =
	/(?<![\p{L}\p{N}])(?:меня зовут|зовут меня|мо[её] имя|это|я\s?[-—]|менің атым|атым|есімім)\s+(\p{Lu}\p{L}{1,20})(?![\p{L}\p{N}])/u;

/** The customer's own name when they introduce themselves, as written; a capital letter is required. */
export function findName(text: string): string | null {
	const match = NAME.exec(
		normalizeText(text).replace(/^(Меня|Это|Менің|Атым|Зовут|Есімім|Мо[её]|Я)/u, (word) => word.toLowerCase()),
	);
	return match?.[1] ?? null;
}
