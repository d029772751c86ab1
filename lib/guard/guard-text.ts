import { TAKEN } from './spans';
import { sourceTextsOf } from './source-text';
import { cleanText, plainText, sentencesOf } from './plain-text';
import { readQuantities, type Quantities } from './quantities';

const QUANTITY = new RegExp(`${TAKEN}+`, 'gu');

/** One text in the forms that the checks read; each form is made when it is first asked for. */
export class GuardText {
	private readQuantitiesOnce: Quantities | null = null;
	private readSentencesOnce: readonly string[] | null = null;
	private readClaimsOnce: readonly string[] | null = null;
	private readCasedOnce: string | null = null;
	readonly plain: string;

	constructor(readonly written: string) {
		this.plain = plainText(written);
	}

	/** With capitals, otherwise cleaned. Positions are not those of `plain`. */
	get cased(): string {
		return (this.readCasedOnce ??= cleanText(this.written));
	}

	get sentences(): readonly string[] {
		return (this.readSentencesOnce ??= sentencesOf(this.plain));
	}

	/** Sentences with a "9" for every amount, time, number or link, so that "оплата 5 000 ₸ получена" reads as a claim. */
	get claimSentences(): readonly string[] {
		return (this.readClaimsOnce ??= sentencesOf(this.quantities.rest.replaceAll(QUANTITY, '9')));
	}

	get quantities(): Quantities {
		return (this.readQuantitiesOnce ??= readQuantities(this.plain));
	}
}

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
	return {
		draft: new GuardText(draft.slice(0, MAX_CHECKED_CHARS)),
		source: new GuardText(sourceTextsOf(sources).join('\n\n').slice(0, MAX_SOURCE_CHARS)),
		customer: new GuardText(customer.slice(-MAX_CUSTOMER_CHARS)),
	};
}
