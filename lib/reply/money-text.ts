/** Prices and durations as customers read them. */
import type { ReplyLanguage } from '../item/turn-item';
import type { PackService } from '../pack/client-pack';
import { text } from '../texts/text-catalogue';

const TIYN_PER_TENGE = 100;
/** Keeps "8 000 ₸" on one line in a chat. */
export const NO_BREAK_SPACE = '\u00A0';

/** "8 000 ₸" with no-break spaces; tiyn are shown as ",50" only when there are any. */
export function formatTiyn(amountTiyn: number): string {
	const tenge = Math.trunc(amountTiyn / TIYN_PER_TENGE);
	const rest = Math.abs(amountTiyn % TIYN_PER_TENGE);
	const grouped = String(tenge).replace(/\B(?=(?:\d{3})+$)/gu, NO_BREAK_SPACE);
	return `${grouped}${rest === 0 ? '' : `,${String(rest).padStart(2, '0')}`}${NO_BREAK_SPACE}₸`;
}

/** Price of a service: exact, a range, or "от …" when only the lower limit is known. */
export function formatPrice(service: PackService, language: ReplyLanguage): string {
	const from = formatTiyn(service.priceFromTiyn);
	if (service.priceToTiyn !== undefined && service.priceToTiyn !== service.priceFromTiyn) {
		return text(language, 'price_range', { from: from.replace(/\u00A0₸$/u, ''), to: formatTiyn(service.priceToTiyn) });
	}
	return service.priceOpen === true ? priceFrom(service.priceFromTiyn, language) : from;
}

/** "от 5 000 ₸" / "5 000 ₸ бастап" (in Kazakh the ablative ending is carried by the sign: "₸-ден бастап"). */
export function priceFrom(amountTiyn: number, language: ReplyLanguage): string {
	return text(language, 'price_from', { amount: formatTiyn(amountTiyn) });
}

/** "1 ч 30 мин", "45 мин". */
export function formatDuration(minutes: number, language: ReplyLanguage): string {
	const hours = Math.floor(minutes / 60);
	const rest = minutes % 60;
	const parts = [
		...(hours > 0 ? [text(language, 'duration_hours', { hours })] : []),
		...(rest > 0 || hours === 0 ? [text(language, 'duration_minutes', { minutes: rest })] : []),
	];
	return parts.join(' ').replace(/ /gu, NO_BREAK_SPACE);
}
