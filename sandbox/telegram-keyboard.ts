/** Checks an inline keyboard as the Bot API does. Source: Bot API, InlineKeyboardMarkup. */

export interface InlineButton {
	readonly text: string;
	readonly callback_data?: string;
	readonly url?: string;
}

export interface InlineKeyboard {
	readonly inline_keyboard: ReadonlyArray<readonly InlineButton[]>;
}

export type ParsedKeyboard =
	| { readonly ok: true; readonly keyboard: InlineKeyboard | null }
	/** The words after "Bad Request: ". */
	| { readonly ok: false; readonly problem: string };

const MAX_CALLBACK_DATA_BYTES = 64;
const MAX_BUTTONS = 100;
const MAX_BUTTONS_PER_ROW = 8;

function isRecord(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Reads `reply_markup`: an object, or its JSON text as query strings and forms carry it. Absent gives no keyboard. */
export function parseKeyboard(value: unknown): ParsedKeyboard {
	if (value === undefined || value === null || value === '') return { ok: true, keyboard: null };
	let markup = value;
	if (typeof value === 'string') {
		try {
			markup = JSON.parse(value);
		} catch {
			return { ok: false, problem: "can't parse reply keyboard markup JSON object" };
		}
	}
	if (!isRecord(markup)) return { ok: false, problem: 'object expected as reply markup' };
	const rows = markup['inline_keyboard'];
	// Other kinds of markup (force_reply, remove_keyboard) are accepted and not shown.
	if (rows === undefined) return { ok: true, keyboard: null };
	if (!Array.isArray(rows))
		return { ok: false, problem: 'field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays' };
	const parsed: InlineButton[][] = [];
	for (const row of rows as unknown[]) {
		if (!Array.isArray(row)) {
			return { ok: false, problem: 'can\'t parse inline keyboard: field "inline_keyboard" must be an Array of Arrays' };
		}
		if (row.length > MAX_BUTTONS_PER_ROW) return { ok: false, problem: 'reply markup is too long' };
		const buttons: InlineButton[] = [];
		for (const button of row as unknown[]) {
			const result = parseButton(button);
			if (typeof result === 'string') return { ok: false, problem: result };
			buttons.push(result);
		}
		if (buttons.length > 0) parsed.push(buttons);
	}
	if (parsed.flat().length > MAX_BUTTONS) return { ok: false, problem: 'reply markup is too long' };
	return { ok: true, keyboard: parsed.length === 0 ? null : { inline_keyboard: parsed } };
}

function parseButton(button: unknown): InlineButton | string {
	if (!isRecord(button)) return "can't parse inline keyboard button: InlineKeyboardButton must be an Object";
	const { text, callback_data: data, url } = button;
	if (text === undefined) return 'can\'t parse inline keyboard button: can\'t find field "text"';
	if (typeof text !== 'string') return 'can\'t parse inline keyboard button: field "text" must be of type String';
	if (text.trim() === '') return 'inline keyboard button text is empty';
	if (typeof url === 'string' && url !== '') {
		if (!/^(https?|tg):\/\/\S+$/.test(url))
			return `inline keyboard button URL '${url}' is invalid: Unsupported URL protocol`;
		return { text, url };
	}
	if (data === undefined || data === '') {
		return "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard";
	}
	if (typeof data !== 'string')
		return 'can\'t parse inline keyboard button: field "callback_data" must be of type String';
	if (Buffer.byteLength(data) > MAX_CALLBACK_DATA_BYTES) return 'BUTTON_DATA_INVALID';
	return { text, callback_data: data };
}
