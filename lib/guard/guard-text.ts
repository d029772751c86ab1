import { remembered } from '../language/remembered';
import { TAKEN } from './spans';
import { sourceTextOf } from './source-text';
import { cleanText, plainText, sentencesOf } from './plain-text';
import { joinQuantities, readQuantities, type Quantities } from './quantities';

const BETWEEN = '\n\n';
const REMEMBERED_TEXTS = 400;
const MAX_REMEMBERED_CHARS = 10_000;
const QUANTITY = new RegExp(`${TAKEN}+`, 'gu');

/** One text in the forms that the checks read; each form is made when it is first asked for. */
export class GuardText {
	private readQuantitiesOnce: Quantities | null = null;
	private readSentencesOnce: readonly string[] | null = null;
	private readClaimsOnce: readonly string[] | null = null;
	private readCasedOnce: string | null = null;
	readonly plain: string;

	/** @param parts texts that were prepared before and stand in this one after another, apart by an empty line */
	constructor(
		readonly written: string,
		private readonly parts: readonly GuardText[] = [],
	) {
		this.plain = parts.length === 0 ? plainText(written) : parts.map(({ plain }) => plain).join(BETWEEN);
	}

	/**
	 * What `make` reads from each part, with the position of the part; kept in `memory` for as long as the part is.
	 * A text without parts is its own only part.
	 */
	gather<T>(memory: WeakMap<GuardText, T>, make: (part: GuardText) => T): Array<{ value: T; offset: number }> {
		let offset = 0;
		return (this.parts.length === 0 ? [this] : this.parts).map((part) => {
			const found = { value: part.once(memory, make), offset };
			offset += part.plain.length + BETWEEN.length;
			return found;
		});
	}

	/** What `make` reads from the whole text; kept in `memory` for as long as the text is. */
	once<T>(memory: WeakMap<GuardText, T>, make: (text: GuardText) => T): T {
		let value = memory.get(this);
		if (value === undefined) memory.set(this, (value = make(this)));
		return value;
	}

	/** With capitals, otherwise cleaned. Positions are not those of `plain`. */
	get cased(): string {
		return (this.readCasedOnce ??= cleanText(this.written));
	}

	get sentences(): readonly string[] {
		return (this.readSentencesOnce ??=
			this.parts.length === 0 ? sentencesOf(this.plain) : this.parts.flatMap(({ sentences }) => sentences));
	}

	/** Sentences with a "9" for every amount, time, number or link, so that "оплата 5 000 ₸ получена" reads as a claim. */
	get claimSentences(): readonly string[] {
		return (this.readClaimsOnce ??=
			this.parts.length === 0
				? sentencesOf(this.quantities.rest.replaceAll(QUANTITY, '9'))
				: this.parts.flatMap(({ claimSentences }) => claimSentences));
	}

	get quantities(): Quantities {
		return (this.readQuantitiesOnce ??=
			this.parts.length === 0
				? readQuantities(this.plain)
				: joinQuantities(
						this.parts.map(({ quantities }) => quantities),
						BETWEEN,
					));
	}
}

/** Texts of the business come back turn after turn; preparing them is the dearest part of a check. */
const preparedSource = remembered((text) => new GuardText(sourceTextOf(text)), REMEMBERED_TEXTS, MAX_REMEMBERED_CHARS);

/** So do drafts that were made from facts. */
const preparedDraft = remembered((text) => new GuardText(text), REMEMBERED_TEXTS, MAX_REMEMBERED_CHARS);

/** What a draft is compared with. */
export interface GuardTexts {
	readonly draft: GuardText;
	/** Facts and retrieved texts together, without sentences that try to command the assistant. */
	readonly source: GuardText;
	readonly customer: GuardText;
}

/** Longest text of the business that is compared, so that a hostile document cannot hold the process. */
const MAX_SOURCE_CHARS = 60_000;
const MAX_CUSTOMER_CHARS = 12_000;
/** A draft beyond this is too long anyway; its beginning is enough to name further violations. */
export const MAX_CHECKED_CHARS = 8_000;

/** Prepares the texts of one check. */
export function guardTexts(draft: string, sources: readonly string[], customer: string): GuardTexts {
	const parts: GuardText[] = [];
	let chars = 0;
	for (const text of sources) {
		const kept = text.slice(0, Math.max(0, MAX_SOURCE_CHARS - chars));
		chars += kept.length;
		if (kept !== '') parts.push(preparedSource(kept));
	}
	return {
		draft: preparedDraft(draft.slice(0, MAX_CHECKED_CHARS)),
		source: parts.length === 0 ? new GuardText('') : new GuardText('', parts),
		customer: new GuardText(customer.slice(-MAX_CUSTOMER_CHARS)),
	};
}
