/** What an amount is paid for at a time: an hour, a person, a kilogram. */
const UNITS: ReadonlyArray<readonly [string, RegExp]> = [
	['hour', /(?<!\p{L})(?:час(?:а|у|ом)?|сағат(?:ына|қа)?)(?!\p{L})/u],
	['day', /(?<!\p{L})(?:сутки|суток|ночь|ночи|день|тәулі\p{L}+|күніне)(?!\p{L})/u],
	['week', /(?<!\p{L})(?:неделю|неделя|аптасына)(?!\p{L})/u],
	['month', /(?<!\p{L})(?:месяц|мес|айына)(?!\p{L})/u],
	['year', /(?<!\p{L})(?:год|жылына)(?!\p{L})/u],
	['lesson', /(?<!\p{L})(?:заняти[ея]|урок|сабақ(?:қа|тың)?|тренировк[ау])(?!\p{L})/u],
	['visit', /(?<!\p{L})(?:посещение|визит|раз|сеанс|процедур[ау])(?!\p{L})/u],
	['person', /(?<!\p{L})(?:человека|чел|персону|гостя|адамға|адам басына)(?!\p{L})/u],
	['piece', /(?<!\p{L})(?:шт|штук[ау]|дана(?:сы)?|единиц[ау])(?!\p{L})/u],
	['kilogram', /(?<!\p{L})(?:кг|килограмм|келісі)(?!\p{L})/u],
	['litre', /(?<!\p{L})(?:литр)(?!\p{L})/u],
	['metre', /(?<!\p{L})(?:метр|кв\.? ?м|м2|шаршы)(?!\p{L})/u],
	['pair', /(?<!\p{L})(?:пар[ау])(?!\p{L})/u],
	['set', /(?<!\p{L})(?:комплект|набор)(?!\p{L})/u],
	['zone', /(?<!\p{L})(?:зон[ау])(?!\p{L})/u],
];
/** How far a unit may stand behind its amount. */
const REACH_CHARS = 24;
const UNIT_BEHIND =
	/^ ?(?:за|в|на|с|\/)(?: (?:один|одну|одно|одного|каждый|каждую|каждого|полный|полную))? ?(?=\p{L})|^ ?\//u;
const UNIT_BEFORE = /(?:айына|аптасына|сағатына|күніне|жылына|адамға|данасы|келісі) $/u;

/** Units written straight beside an amount; empty when none is. */
export function unitsBeside(text: string, start: number, end: number): ReadonlySet<string> {
	const behind = text.slice(end, end + REACH_CHARS);
	const lead = UNIT_BEHIND.exec(behind);
	const word =
		lead === null ? '' : (/^[\p{L}\d. ]{1,8}?\p{L}*(?!\p{L})/u.exec(behind.slice(lead[0].length))?.[0] ?? '');
	const first = /^\p{L}+\.?(?: ?м(?!\p{L}))?/u.exec(word)?.[0] ?? '';
	const before = UNIT_BEFORE.exec(text.slice(Math.max(0, start - REACH_CHARS), start))?.[0] ?? '';
	return new Set(UNITS.filter(([, unit]) => unit.test(first) || unit.test(before)).map(([name]) => name));
}
