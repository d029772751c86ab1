const MAX_CHARS = 400;

/** What may not reach a log, and what is written instead. Order matters: addresses before digits. */
const SECRETS: ReadonlyArray<readonly [RegExp, string]> = [
	[/\bbot\d+:[A-Za-z0-9_-]+/g, 'bot[token]'],
	[/([a-z][a-z0-9+.-]*:\/\/)[^\s/@]*@/gi, '$1[login]@'],
	[/(https?:\/\/[^\s?#"']+)[?#][^\s"']*/gi, '$1?[query]'],
	[/\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]+/gi, '$1 [token]'],
	[/\b(?:sk|pk|xox[abp])-[A-Za-z0-9_-]{8,}/g, '[token]'],
	[/\b[A-Za-z0-9_-]{40,}\b/g, '[token]'],
	[/\+?\d[\d\s()-]{8,}\d/g, '[number]'],
	[/[\w.+-]+@[\w-]+\.[\w.-]+/g, '[e-mail]'],
	[/(["'«`])[^"'»`]{25,}(["'»`])/g, '$1[text]$2'],
];

/**
 * A foreign error message without what must not be stored: tokens, logins, query strings, phone and card numbers,
 * e-mail addresses and long quoted texts (a parser quotes what the customer wrote). Cut to 400 characters.
 * Not for messages of our own catalogue, which hold none of this.
 */
export function redactMessage(message: string): string {
	const clean = SECRETS.reduce((text, [pattern, replacement]) => text.replace(pattern, replacement), message);
	return clean.length <= MAX_CHARS ? clean : `${clean.slice(0, MAX_CHARS - 1)}…`;
}
