import { DateTime } from 'luxon';

/** A calendar month in a zone: `from` included, `to` excluded. */
export interface MonthRange {
	/** `YYYY-MM`. */
	readonly month: string;
	readonly from: Date;
	readonly to: Date;
}

const MONTH = /^(\d{4})-(0[1-9]|1[0-2])$/;

/** The month of this text (`2026-11`) in the zone; null when it is no month. */
export function parseMonth(text: string, timeZone: string): MonthRange | null {
	const match = MONTH.exec(text.trim());
	if (match === null) return null;
	const start = DateTime.fromObject({ year: Number(match[1]), month: Number(match[2]) }, { zone: timeZone });
	return start.isValid ? rangeFrom(start) : null;
}

/** The month of an instant in the zone. */
export function monthOf(now: Date, timeZone: string): MonthRange {
	return rangeFrom(DateTime.fromJSDate(now, { zone: timeZone }).startOf('month'));
}

function rangeFrom(start: DateTime): MonthRange {
	return { month: start.toFormat('yyyy-MM'), from: start.toJSDate(), to: start.plus({ months: 1 }).toJSDate() };
}
