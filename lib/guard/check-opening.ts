import { deniesSomething } from './clauses';
import { sameTime, type ClockTime } from './clock-times';
import type { GuardText, GuardTexts } from './guard-text';
import { claimsNoDaysOff, claimsRoundTheClock, readOpeningDays, type DayStatement } from './opening-days';
import { sentenceAround } from './plain-text';

interface Day {
	readonly isOpen: boolean;
	readonly times: readonly ClockTime[];
}

/** "Ночью закрыты". */
const NIGHT_OFF = /(?<!\p{L})(?:ночью|түнде)\s(?:\p{L}+\s)?(?:закрыт|не работа|жабық|жұмыс істемей)\p{L}*/u;
const CLOSED: Day = { isOpen: false, times: [] };
const toldDays = new WeakMap<GuardText, readonly DayStatement[]>();
/** A schedule that lists this many days leaves the others closed; fewer may be about an offer of one day. */
const LISTED_DAYS = 4;

/**
 * Compares the weekdays on which a draft says the business is open or closed with what the sources say.
 *
 * @returns `['hours_not_in_facts']` when a day contradicts the sources, has the hours of another day, or is promised
 *          ("без выходных", "в воскресенье работаем") with no schedule of days behind it
 */
export function openingViolations({ draft, source, customer }: GuardTexts): string[] {
	const asked = customer.quantities.times.map(({ value }) => value);
	const told = draft
		.once(toldDays, ({ plain, quantities }) =>
			readOpeningDays(plain, quantities).filter((statement) => !isQuestion(plain, statement)),
		)
		.flatMap((statement) => withoutWishes(statement, asked));
	if (draft.sentences.some(claimsNightWork) && !claimsRoundTheClock(source.plain)) return ['hours_not_in_facts'];
	if (claimsRoundTheClock(source.plain) && draft.sentences.some((sentence) => NIGHT_OFF.test(sentence)))
		return ['hours_not_in_facts'];
	if (told.length === 0) return [];
	const week = weekOf(readOpeningDays(source.plain, source.quantities));
	const isWrong =
		week.size === 0
			? told.some((statement) => statement.isOpen && isBold(draft.plain, statement))
			: [...weekOf(told)].some(([day, said]) =>
					contradicts(said, week.get(day) ?? (week.size < LISTED_DAYS ? said : CLOSED)),
				);
	return isWrong ? ['hours_not_in_facts'] : [];
}

/** A time that only the customer named ("в субботу в 15:00") is a wish, and with nothing else no statement about opening. */
function withoutWishes(statement: DayStatement, asked: readonly ClockTime[]): DayStatement[] {
	const times = statement.times.filter((time) => time.role !== null || !asked.some((wish) => sameTime(time, wish)));
	return times.length === 0 && statement.times.length > 0 ? [] : [{ ...statement, times }];
}

/** What the sources say of each day: named days override "ежедневно", a closed one overrides both. */
function weekOf(statements: readonly DayStatement[]): ReadonlyMap<number, Day> {
	const week = new Map<number, Day>();
	const byStrength = [...statements].sort((a, b) => strength(a) - strength(b));
	for (const { days, isOpen, times, isEveryDay } of byStrength) {
		for (const day of days) {
			const known = week.get(day);
			const more = isEveryDay || known === undefined || !known.isOpen ? [] : known.times;
			week.set(day, { isOpen, times: isOpen ? [...more, ...times] : [] });
		}
	}
	return week;
}

function strength({ isEveryDay, isOpen }: DayStatement): number {
	if (isEveryDay) return 0;
	return isOpen ? 1 : 2;
}

function contradicts(said: Day, known: Day): boolean {
	if (said.isOpen !== known.isOpen) return true;
	const hours = known.times;
	return hours.length > 0 && !said.times.every((time) => hours.some((other) => sameTime(time, other)));
}

/** Without a schedule in the sources only claims that go beyond times of day are stopped. */
function isBold(text: string, statement: DayStatement): boolean {
	const { end } = sentenceAround(text, statement.start + 1);
	const clause = text.slice(statement.start, end);
	if (statement.isEveryDay) return claimsNoDaysOff(clause);
	return !deniesSomething(clause);
}

/** "Круглосуточно не работаем" and "работаете круглосуточно?" are no claims. */
function claimsNightWork(sentence: string): boolean {
	return claimsRoundTheClock(sentence) && !deniesSomething(sentence) && !sentence.endsWith('?');
}

function isQuestion(text: string, { start }: DayStatement): boolean {
	return text
		.slice(0, sentenceAround(text, start + 1).end)
		.trimEnd()
		.endsWith('?');
}
