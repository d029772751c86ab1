import { DateTime } from 'luxon';

import { parseDecimal } from '../billing/decimal';
import type { OpenOrder } from './match-payment';

const TIYN_PLACES = 2;
const SPACES = /[\s\u00A0\u202F\u2009]/g;

/**
 * Reads an amount in tenge as people and banks write it: `8 000 ₸`, `8000,50`, `KZT 1 990`, `1,990`.
 *
 * A comma or point followed by three digits groups thousands; followed by one or two it is the decimal point.
 * @returns integer tiyn, or null for anything else, negative amounts included
 */
export function parseTengeAmount(value: unknown): number | null {
	if (typeof value !== 'string' && typeof value !== 'number') return null;
	const bare = String(value)
		.replace(SPACES, '')
		.replace(/^\+/, '')
		.replace(/₸|тг\.?|тенге|теңге|kzt/giu, '');
	const grouped = /^\d{1,3}([.,]\d{3})+$/.test(bare) ? bare.replace(/[.,]/g, '') : bare.replace(',', '.');
	const tiyn = parseDecimal(grouped, TIYN_PLACES);
	return tiyn === null || tiyn > BigInt(Number.MAX_SAFE_INTEGER) ? null : Number(tiyn);
}

/** Reads an instant: ISO 8601 with a zone, or a wall-clock time in `timeZone`. Null when it is neither. */
export function parseInstant(value: unknown, timeZone: string): Date | null {
	if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value;
	if (typeof value !== 'string' || value.trim() === '') return null;
	const text = value.trim();
	const iso = DateTime.fromISO(text, { zone: timeZone });
	const read = iso.isValid ? iso : DateTime.fromSQL(text, { zone: timeZone });
	return read.isValid ? read.toJSDate() : null;
}

/** The orders of a list, or the places that cannot be read ("orders[2].amount"). */
export type ParsedOrders =
	| { readonly ok: true; readonly orders: readonly OpenOrder[] }
	| { readonly ok: false; readonly problems: readonly string[] };

/**
 * Reads open orders given as plain objects: `id`, `amount` in tenge (or `amountTiyn`), `createdAt`, and optionally
 * `orderKey` and `status`. Orders whose status is not "open" are left out.
 */
export function parseOrders(value: unknown, timeZone: string): ParsedOrders {
	if (!Array.isArray(value)) return { ok: false, problems: ['orders: a list is expected'] };
	const orders: OpenOrder[] = [];
	const problems: string[] = [];
	value.forEach((entry: unknown, index) => {
		const given = (typeof entry === 'object' && entry !== null ? entry : {}) as Record<string, unknown>;
		if (given['status'] !== undefined && given['status'] !== 'open') return;
		const id = given['id'];
		const amountTiyn =
			given['amountTiyn'] === undefined ? parseTengeAmount(given['amount']) : wholeTiyn(given['amountTiyn']);
		const createdAt = parseInstant(given['createdAt'], timeZone);
		if (typeof id !== 'string' && typeof id !== 'number') problems.push(`orders[${index}].id`);
		if (amountTiyn === null) problems.push(`orders[${index}].amount`);
		if (createdAt === null) problems.push(`orders[${index}].createdAt`);
		if ((typeof id === 'string' || typeof id === 'number') && amountTiyn !== null && createdAt !== null) {
			const orderKey = given['orderKey'];
			orders.push({ id: String(id), orderKey: typeof orderKey === 'string' ? orderKey : null, amountTiyn, createdAt });
		}
	});
	return problems.length > 0 ? { ok: false, problems } : { ok: true, orders };
}

function wholeTiyn(value: unknown): number | null {
	const tiyn = typeof value === 'string' ? Number(value) : value;
	return typeof tiyn === 'number' && Number.isSafeInteger(tiyn) && tiyn >= 0 ? tiyn : null;
}
