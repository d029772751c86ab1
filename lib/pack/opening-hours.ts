/** Opening hours of a client on a given day, in the client's own zone. */
import { DateTime } from 'luxon';

import type { ClientPack, Holiday, OpeningRule } from './client-pack';

export interface DayHours {
	/** ISO weekday, 1 = Monday. */
	readonly weekday: number;
	/** Null: closed all day. */
	readonly hours: { readonly open: string; readonly close: string } | null;
	readonly holiday: Holiday | null;
}

/** Hours of the day that lies `daysAhead` days after `now` in the zone; a holiday wins over the weekday. */
export function hoursOfDay(pack: ClientPack, now: Date, zone: string, daysAhead: number): DayHours {
	const day = DateTime.fromJSDate(now, { zone }).plus({ days: daysAhead });
	const holiday = pack.holidays?.find((candidate) => candidate.date === day.toISODate()) ?? null;
	if (holiday !== null) {
		const hours =
			holiday.open === undefined || holiday.close === undefined ? null : { open: holiday.open, close: holiday.close };
		return { weekday: day.weekday, hours, holiday };
	}
	return { weekday: day.weekday, hours: ruleOfWeekday(pack.hours, day.weekday), holiday: null };
}

/** Days from `now` to the next such weekday; 0 when it is today. */
export function daysUntilWeekday(now: Date, zone: string, weekday: number): number {
	return (weekday - DateTime.fromJSDate(now, { zone }).weekday + 7) % 7;
}

/** Whether the business is open at this instant; the closing minute itself is closed. */
export function isOpenAt(pack: ClientPack, now: Date, zone: string): boolean {
	const { hours } = hoursOfDay(pack, now, zone, 0);
	const clock = DateTime.fromJSDate(now, { zone }).toFormat('HH:mm');
	return hours !== null && clock >= hours.open && clock < hours.close;
}

export interface DayGroup {
	readonly days: readonly number[];
	readonly hours: { readonly open: string; readonly close: string } | null;
}

/** The week as runs of neighbouring days with the same hours, Monday first. */
export function weekGroups(rules: readonly OpeningRule[]): readonly DayGroup[] {
	const groups: Array<{ days: number[]; hours: { open: string; close: string } | null }> = [];
	for (let weekday = 1; weekday <= 7; weekday++) {
		const hours = ruleOfWeekday(rules, weekday);
		const last = groups.at(-1);
		if (last !== undefined && last.hours?.open === hours?.open && last.hours?.close === hours?.close)
			last.days.push(weekday);
		else groups.push({ days: [weekday], hours });
	}
	return groups;
}

function ruleOfWeekday(rules: readonly OpeningRule[], weekday: number): { open: string; close: string } | null {
	const rule = rules.find((candidate) => candidate.days.includes(weekday));
	return rule === undefined ? null : { open: rule.open, close: rule.close };
}
