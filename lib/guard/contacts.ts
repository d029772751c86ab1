/** Links, e-mail addresses, @names, phone and account numbers in a plain text. */
import type { Found, Spans } from './spans';

const LEFT = '(?<![\\p{L}\\p{N}])';
const RIGHT = '(?![\\p{L}\\p{N}])';

const EMAIL = new RegExp(`${LEFT}[a-z0-9.%+-]{1,64}@[a-z0-9-]{1,63}(?:\\.[a-z0-9-]{1,63}){1,4}`, 'gu');
const HANDLE = /(?<![\p{L}\p{N}.])@[a-z0-9.]{3,32}/gu;
const LINK = new RegExp(
	`(?:https?:\\/\\/|www\\.)[^\\s<>()]{1,300}|${LEFT}(?:[a-z0-9-]{1,63}\\.){1,5}(?:kz|com|ru|net|org|me|io|app|link|site|online|shop|store|pro|info|biz|ly|to|cc|gl|top|xyz|su|cn|ai|dev|рф|қаз)${RIGHT}(?:[\\/?][^\\s<>()]{0,300})?`,
	'gu',
);
const ACCOUNT = /(?<![\p{L}\p{N}])kz\d{2}[ ]?(?:[a-z0-9]{4}[ ]?){4}/gu;
const PHONE =
	/(?<![\p{N}])(?:(?:\+?7|8)[ \-(]{0,2}\d{3}[ \-)]{0,2}\d{3}[ -]?\d{2}[ -]?\d{2}|\+\d[\d \-()]{8,16}\d|\d{9,19}|\d{4}(?:[ -]\d{4}){3}|\d{2,3}-\d{2}-\d{2})(?!\d)/gu;

/** Host and path in lower case, without scheme and closing slash; e-mail addresses and @names too. */
export function takeLinks(spans: Spans): ReadonlyArray<Found<string>> {
	return [
		...spans.take(EMAIL, (match) => match[0].replace(/\.+$/u, '')),
		...spans.take(LINK, (match) => canonicalLink(match[0])),
		...spans.take(HANDLE, (match) => match[0].replace(/\.+$/u, '')),
	];
}

/** Digits only, without the country code 7 or 8; bank accounts as they stand, without spaces. */
export function takeNumbers(spans: Spans): ReadonlyArray<Found<string>> {
	return [
		...spans.take(ACCOUNT, (match) => match[0].replace(/ /gu, '')),
		...spans.take(PHONE, (match) => canonicalPhone(match[0])),
	];
}

/** True when two numbers are one; a short number ("22-33-44") counts when it ends a known one. */
export function samePhone(written: string, known: string): boolean {
	return written === known || (written.length >= 6 && known.length > written.length && known.endsWith(written));
}

function canonicalLink(written: string): string {
	return written
		.replace(/^https?:\/\//u, '')
		.replace(/^www\./u, '')
		.replace(/[.,;:!?)»"'\]]+$/u, '')
		.replace(/\/+$/u, '');
}

function canonicalPhone(written: string): string {
	const digits = written.replace(/\D/gu, '');
	return digits.length === 11 && /^[78]/u.test(digits) ? digits.slice(1) : digits;
}
