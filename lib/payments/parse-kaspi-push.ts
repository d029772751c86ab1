export type KaspiPush =
	| {
			readonly kind: 'payment';
			readonly amountTiyn: number;
			/** As written, usually first name and the surname's initial; null when the text names nobody. */
			readonly payerName: string | null;
	  }
	/** Not money that came in from a customer: refund, purchase, own top-up, balance, advertisement. */
	| { readonly kind: 'ignored'; readonly reason: 'refund' | 'outgoing' | 'top_up' | 'balance' | 'no_amount' }
	/** A person has to look: several amounts, or an amount that cannot be read. Archive the raw text. */
	| { readonly kind: 'unreadable'; readonly reason: 'several_amounts' | 'bad_amount' };

const CURRENCY = '(?:₸|тг|тнг|тенге|теңге|kzt)';
const DIGITS = "\\d[\\d .,']*";
const AMOUNT = new RegExp(
	`(?<sign>[+-])?\\s?(?:(?<before>${DIGITS}\\d|\\d)\\s?${CURRENCY}|${CURRENCY}\\s?(?<after>${DIGITS}\\d|\\d)|(?<=[+-])(?<signed>${DIGITS}\\d|\\d))`,
	'giu',
);
/** Words right before an amount that make it a state of the account, not a payment. */
const BALANCE_BEFORE = /(?:баланс|остаток|доступно|қалдық|теңгерім)[^\d.;,]*$/iu;

const IGNORED: ReadonlyArray<readonly [RegExp, 'refund' | 'outgoing' | 'top_up']> = [
	[/(?<!\p{L})(?:возврат|қайтар)/iu, 'refund'],
	[/(?<!\p{L})(?:покупк|снятие|комисси|списани|сатып алу|шешу)/iu, 'outgoing'],
	[/(?<!\p{L})(?:пополнени|толықтыру)/iu, 'top_up'],
];

const NAME_PART = '[А-ЯЁӘІҢҒҮҰҚӨҺA-Z][а-яёәіңғүұқөһa-z]+(?:-[А-ЯЁӘІҢҒҮҰҚӨҺA-Z][а-яёәіңғүұқөһa-z]+)?';
const PAYER = new RegExp(`(?<!\\p{L})от\\s+(${NAME_PART}(?:\\s${NAME_PART}){0,2}(?:\\s[А-ЯЁӘІҢҒҮҰҚӨҺA-Z]\\.)?)`, 'u');

/**
 * Reads a Kaspi push text forwarded from the owner's phone. The wording is undocumented and changes, so nothing is
 * guessed: whatever is not clearly one incoming amount is `ignored` or `unreadable`.
 *
 * Not proof of payment on its own: whoever holds the forwarder's token can send such a text.
 */
export function parseKaspiPush(text: string): KaspiPush {
	const plain = text
		.normalize('NFKC')
		.replace(/[\u2010-\u2015\u2212]/gu, '-')
		.replace(/\s+/gu, ' ')
		.trim();
	const ignored = IGNORED.find(([pattern]) => pattern.test(plain));
	if (ignored !== undefined) return { kind: 'ignored', reason: ignored[1] };

	const amounts = [...plain.matchAll(AMOUNT)].map((match) => ({
		sign: match.groups?.['sign'] ?? '',
		written: match.groups?.['before'] ?? match.groups?.['after'] ?? match.groups?.['signed'] ?? '',
		isBalance: BALANCE_BEFORE.test(plain.slice(0, match.index)),
	}));
	if (amounts.length === 0) return { kind: 'ignored', reason: 'no_amount' };
	const moves = amounts.filter(({ isBalance }) => !isBalance);
	if (moves.length === 0) return { kind: 'ignored', reason: 'balance' };
	if (moves.some(({ sign }) => sign === '-')) return { kind: 'ignored', reason: 'outgoing' };
	const [move, second] = moves;
	if (move === undefined || second !== undefined) return { kind: 'unreadable', reason: 'several_amounts' };
	const amountTiyn = readAmountTiyn(move.written);
	if (amountTiyn === null || amountTiyn === 0) return { kind: 'unreadable', reason: 'bad_amount' };
	return { kind: 'payment', amountTiyn, payerName: PAYER.exec(plain)?.[1] ?? null };
}

/**
 * Reads an amount of tenge as written in pushes and statements: "1 990", "1,990", "10 000,00", "40000.5".
 *
 * @returns integer tiyn, or null when the grouping is not one of thousands or there are more than two decimals
 */
export function readAmountTiyn(written: string): number | null {
	const match = /^(\d{1,3}(?:[ .,']\d{3})+|\d+)(?:[.,](\d{1,2}))?$/u.exec(
		written.trim().replace(/[\u00a0\u202f\u2009]/gu, ' '),
	);
	if (match === null) return null;
	const whole = (match[1] ?? '').replace(/[ .,']/gu, '');
	const value = Number(whole) * 100 + Number((match[2] ?? '').padEnd(2, '0'));
	return Number.isSafeInteger(value) ? value : null;
}
