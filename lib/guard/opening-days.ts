/** On which weekdays a business is open, as texts say it: "Пн–Сб 10:00–21:00, Вс — выходной", "күн сайын", "кроме понедельника". */
import type { ClockTime } from './clock-times';
import type { Quantities } from './quantities';
import { TAKEN } from './spans';

/** What one clause says about opening. */
export interface DayStatement {
	/** ISO weekdays, 1 = Monday. */
	readonly days: ReadonlySet<number>;
	readonly isOpen: boolean;
	readonly times: readonly ClockTime[];
	/** "без выходных", "24/7": stronger than times without days. */
	readonly isEveryDay: boolean;
	readonly start: number;
}

const WORD_LEFT = '(?<![\\p{L}\\p{N}])';
const NAMES: ReadonlyArray<string> = [
	'понедельник\\p{L}*|пн|дүйсенбі\\p{L}*|дс|mon(?:day)?s?',
	'вторник\\p{L}*|вт|сейсенбі\\p{L}*|сс|tue(?:sday)?s?',
	'сред[аыуе]м?и?|средам|ср|сәрсенбі\\p{L}*|wed(?:nesday)?s?',
	'четверг\\p{L}*|чт|бейсенбі\\p{L}*|бс|thu(?:rsday)?s?',
	'пятниц\\p{L}*|пт|жұма(?:да|ға|дан|сы|лары)?|жм|fri(?:day)?s?',
	'суббот\\p{L}*|сб|сенбі(?:де|ге|ден|лері)?|сн|sat(?:urday)?s?',
	'воскресен\\p{L}*|вс|жексенбі\\p{L}*|жк|жс|sun(?:day)?s?',
];
const DAY = new RegExp(`${WORD_LEFT}(?:${NAMES.map((names) => `(${names})`).join('|')})(?![\\p{L}\\p{N}])`, 'gu');
const ENDS_WITH_DAY = new RegExp(`${WORD_LEFT}(?:${NAMES.join('|')})\\s*$`, 'u');
const WORKDAYS = /(?<!\p{L})(?:будн\p{L}*|рабочие дни|жұмыс күндері)/u;
const WEEKEND = /(?<!\p{L})(?:(?:в|на|по) выходны[ехм]\p{L}*|выходные(?! дни -)|демалыс күндері|сенбі-жексенбі)/u;
const EVERY_DAY =
	/(?<!\p{L})(?:ежедневно|каждый день|все дни|семь дней|без выходных|без перерывов и выходных|круглосуточно|круглые сутки|күн сайын|күнделікті|демалыссыз|тәулік бойы|daily|every day)(?!\p{L})|24\/7|7\/7|7 дней в неделю/u;
const NO_DAYS_OFF =
	/(?<!\p{L})(?:без выходных|без перерывов и выходных|круглосуточно|круглые сутки|семь дней в неделю|демалыссыз|тәулік бойы)|24\/7|7\/7|7 дней в неделю/u;
const ROUND_THE_CLOCK = /(?<!\p{L})(?:(?<!не )круглосуточно|круглые сутки|тәулік бойы)|24\/7/u;
const ONLY = /(?<!\p{L})(?:только|лишь|тек|ғана)(?!\p{L})/u;
const EXCEPT = /(?<!\p{L})(?:кроме|за исключением|исключая)(?!\p{L})|(?<=(?:дан|ден|тан|тен|нан|нен) )басқа/u;
const CLOSED =
	/(?<!\p{L})(?:выходной|выходные дни|не работа\p{L}+|закрыт\p{L}*|отдыха\p{L}+|нерабочи\p{L}+|демалыс(?! күндері)\p{L}*|демаламыз|жұмыс істемей\p{L}*|жабық\p{L}*|closed)(?!\p{L})/u;
const OPEN =
	/(?<!\p{L})(?:(?<!не )работа(?:ем|ет|ют)|открыт\p{L}*|принимаем|ждем|доставля\p{L}*|жеткіземіз|график|режим|часы работы|дни работы|жұмыс (?:істейміз|істейді|уақыты|кестесі)|ашықпыз|ашық|қабылдаймыз|open)(?!\p{L})/u;
const SEPARATOR = new RegExp(
	`[;.!?\\n]|(?<=${TAKEN}) и (?=(?:в |во |по )?\\p{L})|,(?=\\s*(?:а |в |во |по |\\p{L}{2,}(?:\\s|$|-|:|,)))`,
	'gu',
);

/** Statements of a text about open and closed weekdays, in order. */
export function readOpeningDays(plain: string, { times, rest }: Quantities): DayStatement[] {
	const statements: DayStatement[] = [];
	let sentenceIsOpen = false;
	for (const { start, end, endsSentence } of clausesOf(rest)) {
		const clause = plain.slice(start, end);
		const named = namedDays(clause);
		const isEveryDay = EVERY_DAY.test(clause);
		const here = times.filter((time) => time.start >= start && time.start < end);
		const isClosed = CLOSED.test(clause.replace(/без выходных/gu, ''));
		sentenceIsOpen ||= OPEN.test(clause);
		const saysOpen = sentenceIsOpen || here.length > 0;
		const base = { times: here.map(({ value }) => value), start };
		if (EXCEPT.test(clause) && named.size > 0) {
			statements.push({ ...base, days: othersThan(named), isOpen: true, isEveryDay: false });
			statements.push({ ...base, times: [], days: named, isOpen: false, isEveryDay: false });
		} else if (named.size > 0 && (isClosed || saysOpen)) {
			if (!isClosed && ONLY.test(clause))
				statements.push({ ...base, times: [], days: othersThan(named), isOpen: false, isEveryDay: false });
			statements.push({ ...base, days: named, isOpen: !isClosed, isEveryDay: false });
		} else if (isEveryDay && (saysOpen || NO_DAYS_OFF.test(clause))) {
			statements.push({ ...base, days: new Set([1, 2, 3, 4, 5, 6, 7]), isOpen: true, isEveryDay: true });
		}
		if (endsSentence) sentenceIsOpen = false;
	}
	return statements;
}

/** True when a text says "круглосуточно" of itself. */
export function claimsRoundTheClock(plain: string): boolean {
	return ROUND_THE_CLOCK.test(plain);
}

/** True for a claim that no facts with times alone can carry. */
export function claimsNoDaysOff(clause: string): boolean {
	return NO_DAYS_OFF.test(clause);
}

function othersThan(days: ReadonlySet<number>): Set<number> {
	return new Set([1, 2, 3, 4, 5, 6, 7].filter((day) => !days.has(day)));
}

function namedDays(clause: string): Set<number> {
	const days = new Set<number>();
	const found = [...clause.matchAll(DAY)].map((match) => ({
		day: NAMES.findIndex((_, index) => match[index + 1] !== undefined) + 1,
		start: match.index,
		end: match.index + match[0].length,
	}));
	for (const [index, { day, start }] of found.entries()) {
		const previous = found[index - 1];
		const between = previous === undefined ? '' : clause.slice(previous.end, start);
		if (previous !== undefined && /^\s?(?:-|по|до|бастап|\.\.\.?)\s?$/u.test(between)) {
			for (let at = previous.day; at !== day; at = (at % 7) + 1) days.add(at);
		}
		days.add(day);
	}
	if (WORKDAYS.test(clause)) for (const day of [1, 2, 3, 4, 5]) days.add(day);
	if (WEEKEND.test(clause)) for (const day of [6, 7]) days.add(day);
	return days;
}

/** Clauses by position; a comma between two names of days ("пн, ср, пт") does not end one. */
function clausesOf(text: string): Array<{ start: number; end: number; endsSentence: boolean }> {
	const clauses: Array<{ start: number; end: number; endsSentence: boolean }> = [];
	let start = 0;
	for (const mark of text.matchAll(SEPARATOR)) {
		const isComma = mark[0] === ',' || mark[0] === ' и ';
		if (isComma && isListOfDays(text, start, mark.index)) continue;
		clauses.push({ start, end: mark.index, endsSentence: !isComma && mark[0] !== ';' });
		start = mark.index + 1;
	}
	clauses.push({ start, end: text.length, endsSentence: true });
	return clauses;
}

/** "пн, ср, пт 10:00-18:00": so far only days were named, so the clause goes on. */
function isListOfDays(text: string, start: number, comma: number): boolean {
	const clause = text.slice(start, comma);
	if (clause.length > 60 || clause.includes(TAKEN) || CLOSED.test(clause)) return false;
	const following = text.slice(comma + 1, comma + 20);
	return ENDS_WITH_DAY.test(clause) && namedDays(following).size > 0;
}
