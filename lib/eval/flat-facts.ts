/** Facts and contexts as data sets write them (texts, lists, nested objects) as lines of text with their keys. */

export interface FlatLine {
	/** Keys from the outside in, lower case, without marks: ["context", "customertext"]. */
	readonly path: readonly string[];
	/** "price: 5 000 ₸" for a leaf, "Маникюр: price 5 000 ₸, duration 60 минут" for a record with a name. */
	readonly text: string;
	/** The leaf itself; null for a record. */
	readonly value: unknown;
}

const MAX_DEPTH = 8;
const NAME_KEYS = new Set([
	'name',
	'title',
	'service',
	'item',
	'product',
	'услуга',
	'название',
	'товар',
	'атауы',
	'қызмет',
]);
/** English keys of data sets in the words of replies, so that "delivery: бесплатно" is about "доставка". */
const TRANSLATED: Readonly<Record<string, string>> = {
	delivery: 'доставка',
	parking: 'парковка',
	address: 'адрес',
	phone: 'телефон',
	hours: 'часы работы',
	workinghours: 'часы работы',
	schedule: 'график работы',
	days: 'дни работы',
	deposit: 'депозит',
	prepayment: 'предоплата',
	discount: 'скидка',
	discounts: 'скидки',
	payment: 'оплата',
	warranty: 'гарантия',
	guarantee: 'гарантия',
	minorder: 'минимальный заказ',
	promo: 'акция',
};
const UNITS: ReadonlyArray<readonly [RegExp, (value: string) => string]> = [
	[/(?:price|cost|tariff|стоимост|цена|цены|баға).*(?:from|min|от)$/u, (value) => `от ${value} ₸`],
	[/(?:price|cost|tariff|стоимост|цена|цены|баға).*(?:to|max|до)$/u, (value) => `до ${value} ₸`],
	[/price|cost|amount|deposit|tenge|kzt|стоимост|цена|цены|сумма|баға|предоплат/u, (value) => `${value} ₸`],
	[/percent|discount|скидк|жеңілдік/u, (value) => `${value}%`],
	[/hours?$|часов$|часа$/u, (value) => `${value} часов`],
	[/duration|minutes?$|mins?$|минут|длительн|ұзақ/u, (value) => `${value} минут`],
	[/^(?:open|close|opens|closes|from|to)$/u, (value) => (Number(value) <= 24 ? `${value}:00` : value)],
];

/** All leaves of a value, each as a line; a list keeps its order. Null and undefined give nothing. */
export function flattenFacts(value: unknown, path: readonly string[] = []): FlatLine[] {
	if (value === null || value === undefined || path.length > MAX_DEPTH) return [];
	if (typeof value === 'string') return [{ path, text: withKey(path, value), value }];
	if (typeof value === 'number' || typeof value === 'boolean')
		return [{ path, text: withKey(path, scalarText(value, path.at(-1) ?? '')), value }];
	if (Array.isArray(value)) return value.flatMap((entry) => flattenFacts(entry, path));
	if (typeof value !== 'object') return [];
	const entries = Object.entries(value as Record<string, unknown>).filter(
		([, inner]) => inner !== null && inner !== '',
	);
	const name = entries.find(([key, inner]) => NAME_KEYS.has(keyName(key)) && typeof inner === 'string');
	if (name !== undefined && entries.every(([, inner]) => typeof inner !== 'object')) {
		const rest = entries
			.filter((entry) => entry !== name)
			.map(([key, inner]) => `${readable(key)} ${scalarText(inner, keyName(key))}`);
		return [
			{
				path,
				text: [`${String(name[1])}${rest.length > 0 ? ':' : ''}`, rest.join(', ')].join(' ').trim(),
				value: null,
			},
		];
	}
	return entries.flatMap(([key, inner]) => flattenFacts(inner, [...path, keyName(key)]));
}

/** A key without marks and capitals: "customer_text" and "customerText" are one. */
function keyName(key: string): string {
	return key.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '');
}

function readable(key: string): string {
	return key.replace(/[_-]+/gu, ' ').replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2');
}

function withKey(path: readonly string[], text: string): string {
	const key = path.at(-1);
	return key === undefined || /^\d+$/u.test(key) ? text : `${TRANSLATED[key] ?? key}: ${text}`;
}

function scalarText(value: unknown, key: string): string {
	if (typeof value === 'boolean') return value ? 'да' : 'нет';
	const text = String(value);
	if (typeof value !== 'number') return text;
	return UNITS.find(([pattern]) => pattern.test(key))?.[1](text) ?? text;
}
