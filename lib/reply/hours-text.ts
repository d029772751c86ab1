/** Opening hours in words. */
import { DateTime } from 'luxon';

import type { ReplyLanguage } from '../item/turn-item';
import type { ClientPack } from '../pack/client-pack';
import { hoursOfDay, isOpenAt, weekGroups } from '../pack/opening-hours';
import { text, variantsOf } from '../texts/text-catalogue';

export interface HoursQuestion {
	readonly now: Date;
	/** IANA zone of the client. */
	readonly zone: string;
	/** Days ahead of now that were asked about; empty: in general. */
	readonly days: readonly number[];
	/** True for "вы сейчас открыты?". */
	readonly asksNow: boolean;
}

/** Answer to a question about hours: the days asked, or today and the week. */
export function hoursText(pack: ClientPack, language: ReplyLanguage, question: HoursQuestion): string {
	if (pack.hours.length === 0) return text(language, 'hours_unknown');
	const { now, zone, days } = question;
	const week = text(language, 'hours_week', { hours: weekText(pack, language) });
	if (question.asksNow) {
		const { hours } = hoursOfDay(pack, now, zone, 0);
		if (hours !== null && isOpenAt(pack, now, zone)) return text(language, 'hours_now_open', hours);
		return `${text(language, 'hours_now_closed')} ${week}`;
	}
	if (days.length > 0) return days.map((day) => dayText(pack, language, question, day)).join(' ');
	return `${dayText(pack, language, question, 0)} ${week}`;
}

function dayText(pack: ClientPack, language: ReplyLanguage, question: HoursQuestion, daysAhead: number): string {
	const { hours, holiday, weekday } = hoursOfDay(pack, question.now, question.zone, daysAhead);
	const day = dayName(language, question, daysAhead, weekday);
	const key = holiday === null ? 'hours_day' : 'hours_holiday';
	const values = { day, holiday: holiday?.name[language] ?? '' };
	return hours === null
		? text(language, `${key}_closed`, values)
		: text(language, `${key}_open`, { ...values, ...hours });
}

function dayName(language: ReplyLanguage, question: HoursQuestion, daysAhead: number, weekday: number): string {
	if (daysAhead === 0) return text(language, 'day_today');
	if (daysAhead === 1) return text(language, 'day_tomorrow');
	if (daysAhead > 6)
		return DateTime.fromJSDate(question.now, { zone: question.zone }).plus({ days: daysAhead }).toFormat('dd.MM');
	return variantsOf(language, 'weekdays_on')[weekday - 1] ?? '';
}

/** "Пн–Сб 10:00–21:00, Вс 10:00–19:00", or "ежедневно …" when all days are equal. */
export function weekText(pack: ClientPack, language: ReplyLanguage): string {
	const groups = weekGroups(pack.hours);
	const [first] = groups;
	if (groups.length === 1 && first?.hours) return text(language, 'hours_every_day', first.hours);
	const names = variantsOf(language, 'weekdays_short');
	return groups
		.map(({ days, hours }) => {
			const from = names[(days[0] ?? 1) - 1] ?? '';
			const to = names[(days.at(-1) ?? 1) - 1] ?? '';
			const label = days.length === 1 ? from : `${from}–${to}`;
			return hours === null
				? text(language, 'hours_days_off', { days: label })
				: text(language, 'hours_range', { days: label, ...hours });
		})
		.join(', ');
}
