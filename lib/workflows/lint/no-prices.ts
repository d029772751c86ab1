import { literalsOf } from './literal-texts';
import { perNode } from './lint-rule';

const PRICE =
	/\d[\d\s]*(?:₸|₽|€|тг(?!\p{L})|тенге|теңге|руб(?!\p{L})|KZT\b|USD\b|RUB\b)|(?:[$€]|\b(?:KZT|USD))\s?\d+[.,]\d{2}\b/iu;
const PRICE_NAME = /(?:price|amount|tariff|fee|discount|cost|rate)(?:Minor|Tiyn|Kzt|Usd|Percent)?$/i;

/** Prices are facts of a business, and they change. */
export const noPrices = perNode({
	code: 'no-prices',
	line: 'No price, discount or rate as a literal: prices are facts of a business and come from its pack, those of plans and models from the database.',
	check: (node, report) => {
		for (const { path, name, value } of literalsOf(node)) {
			const isNumber = typeof value === 'number' || /^\d+(?:[.,]\d+)?$/.test(value);
			if ((isNumber && PRICE_NAME.test(name)) || (typeof value === 'string' && PRICE.test(value)))
				report(`${path} holds a price or a rate; take it from the client's facts or from the database`);
		}
	},
});
