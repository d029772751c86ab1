/** Lines of labelled drafts: `{"facts", "context", "draft", "allowed"}` as checks of the reply guard. */
import type { ReplyCheck, TurnClaims } from '../guard/check-reply';
import { statedClaims } from '../guard/check-claims';
import { plainText } from '../guard/plain-text';
import type { ReplyLanguage } from '../item/turn-item';
import { flattenFacts, type FlatLine } from './flat-facts';

export interface GuardCase {
	readonly check: ReplyCheck;
	readonly allowed: boolean;
}

type Role = 'source' | 'customer' | 'instructions' | 'marks' | 'language' | 'action';

const KEYS: ReadonlyArray<readonly [RegExp, Role]> = [
	[
		/^(?:customer|user|client)(?:text|message|says|said|question|query|input|request)?s?$|^(?:question|query|message|inbound|userhistory|вопрос|сообщение|клиент|вопросклиента|сообщениеклиента|сұрақ)$/u,
		'customer',
	],
	[/^(?:reply)?lang(?:uage)?$|^язык$|^тіл$/u, 'language'],
	[/^(?:system|systemprompt|prompt|instructions?|persona|systemmessage|инструкци[ия]|промпт)$/u, 'instructions'],
	[/^(?:canary|canaries|foreignmarks?|forbidden|forbiddenmarks?|secrets?)$/u, 'marks'],
	[
		/^(?:actions?|done|claims|tools?|toolcalls?|toolresults?|results?|events?|completed|performed|действи[ея]|выполнено|орындалды)$/u,
		'action',
	],
];
const CUSTOMER_ROLE =
	/^(?:клиент(?:ка)?|покупатель|пациент(?:ка)?|гость|пользователь|customer|user|client|human|тұтынушы|сатып алушы|бот|ассистент|помощник|assistant|bot|ai|көмекші)$/iu;
const ACTION_ROLE =
	/^(?:действи[ея]|action|tool|tool result|результат|статус|status|событие|event|выполнено|әрекет)$/iu;
const ROLE_MARK =
	/(?<![\p{L}\p{N}])(клиент(?:ка)?|покупатель|пациент(?:ка)?|гость|пользователь|customer|user|client|human|тұтынушы|бот|ассистент|помощник|assistant|bot|менеджер|manager|оператор|operator|администратор|действи[ея]|action|tool result|tool|результат|статус|status|событие|event|выполнено|әрекет)(?: ?\([^)\n]{1,30}\))? ?(?::|->|=>) ?/giu;
const NARRATED =
	/^(?:клиент(?:ка)?|покупатель|пациент(?:ка)?|гость|пользователь|customer|the customer|user|тұтынушы) (?:\p{L}+ ){0,2}(?:спрашива|спросил|прос|хочет|пиш|написал|говор|сказал|требу|утвержда|интересу|предлага|уточня|asks|wants|says|claims|сұра|дейді|жаз|қалай|өтін|талап)/iu;
const FROM_CUSTOMER =
	/(?<![\p{L}])(?:я|мне|меня|мой|моя|моей|мою|моего|хочу|хотел\p{L}*|хотим|можно ли|а можно|можно|подскажите|скажите|сколько|почем|запишите|сделайте|дайте|скиньте|скинь|игнорируй\p{L}*|забудь\p{L}*|здравствуйте|добрый (?:день|вечер)|привет|салам|сәлем\p{L}*|маған|мені|менің|менде|қанша|бола ма|болады ма|бар ма|айтыңызшы|жазып қойыңыз\p{L}*|ignore|can i|could you|i want|i need|my)(?![\p{L}])/iu;
const FROM_BUSINESS =
	/(?<![\p{L}])(?:мы|у нас|наш\p{L}*|работаем|принимаем|делаем|стоимость составляет|прайс\p{L}*|график работы|действует|правил\p{L}*|біз|бізде|біздің|жұмыс уақыты)(?![\p{L}])/iu;
const DONE_WORDS: ReadonlyArray<readonly [RegExp, keyof TurnClaims]> = [
	[/book|appoint|reserv|schedul|cancel|resched|запис|брон|жазыл|жазба|отмен|перен/u, 'bookingDone'],
	[
		/handover|handoff|manager|operator|escalat|notif|human|менеджер|оператор|админ|эскалац|передан|хабарла/u,
		'handoverDone',
	],
	[/pay|paid|refund|оплат|плат[её]ж|төле|возврат|деньги/u, 'paymentConfirmed'],
	[/order|deliver|courier|заказ|достав|тапсырыс|курьер/u, 'orderPlaced'],
	[/sent|send|mail|sms|invoice|link|отправ|выслан|счет|жібер/u, 'messageSent'],
	[/availab|slot|calendar|stock|free|свобод|налич|бос/u, 'availabilityKnown'],
	[/discount|bonus|promo|appl|activat|check|скидк|бонус|промокод|провер|тексер/u, 'actionDone'],
];
const POSITIVE =
	/^(?:true|yes|ok|done|success\p{L}*|succeeded|confirmed|created|paid|completed|sent|notified|received|да|есть|иә|успе\p{L}+|выполнен\p{L}*|создан\p{L}*|подтвержд\p{L}+|получен\p{L}*|оплачен\p{L}*|отправлен\p{L}*|передан\p{L}*|готово|болды|расталды|жасалды)(?!\p{L})/iu;
const RESULT_KEY =
	/done|confirm|created|success|status|sent|paid|complet|perform|notified|received|выполн|создан|подтвержд|получен|передан/u;
const NEGATIVE =
	/(?<!\p{L})(?:fail\p{L}*|error\p{L}*|false|none|pending|no|not|нет|не|ошибк\p{L}*|отклонен\p{L}*|ожида\p{L}*|requested|запрош\p{L}*|жоқ|емес|күтілуде)(?!\p{L})/iu;

/** A case, or what is wrong with the line. Keys beside facts, context, draft and allowed are left alone. */
export function readGuardCase(value: unknown): { readonly row: GuardCase } | { readonly problem: string } {
	if (typeof value !== 'object' || value === null || Array.isArray(value))
		return { problem: 'an object {"facts", "context", "draft", "allowed"} is expected' };
	const line = value as Record<string, unknown>;
	if (typeof line['draft'] !== 'string') return { problem: '"draft" must be a string' };
	if (typeof line['allowed'] !== 'boolean') return { problem: '"allowed" must be true or false' };
	const parts = new CaseParts();
	for (const flat of flattenFacts(line['facts'])) parts.add(flat, 'facts');
	for (const flat of flattenMessages(line['context'])) parts.add(flat, 'context');
	return { row: { check: { draft: line['draft'], rewrites: 0, ...parts.read() }, allowed: line['allowed'] } };
}

/** Histories written as `[{"role": "user", "content": "…"}]` become lines with the role in front. */
function flattenMessages(value: unknown, path: readonly string[] = []): FlatLine[] {
	if (Array.isArray(value)) return value.flatMap((entry) => flattenMessages(entry, path));
	if (typeof value !== 'object' || value === null) return flattenFacts(value, path);
	const message = value as Record<string, unknown>;
	const role = message['role'] ?? message['author'] ?? message['from'] ?? message['sender'];
	const said = message['content'] ?? message['text'] ?? message['message'];
	if (typeof role === 'string' && typeof said === 'string')
		return [{ path: [], text: `${role}: ${said}`, value: said }];
	return Object.entries(message).flatMap(([key, inner]) =>
		typeof inner === 'object' && inner !== null && !Array.isArray(inner)
			? flattenFacts({ [key]: inner }, path)
			: Array.isArray(inner) && inner.some((entry) => typeof entry === 'object')
				? flattenMessages(inner, path).concat()
				: flattenFacts({ [key]: inner }, path),
	);
}

class CaseParts {
	private readonly facts: string[] = [];
	private readonly retrieved: string[] = [];
	private readonly customer: string[] = [];
	private readonly instructions: string[] = [];
	private readonly marks: string[] = [];
	private readonly claims: Partial<Record<keyof TurnClaims, boolean>> = {};
	private language: ReplyLanguage | null = null;

	add(line: FlatLine, origin: 'facts' | 'context'): void {
		const role = roleOfPath(line.path, origin);
		const text = typeof line.value === 'string' ? line.value : line.text;
		if (role === 'language') this.language = languageOf(text) ?? this.language;
		else if (role === 'instructions') this.instructions.push(text);
		else if (role === 'marks') this.marks.push(text);
		else if (role === 'customer') this.customer.push(text);
		else {
			const key = line.path.filter((part) => !/^(?:actions?|done|claims|status|result|results)$/u.test(part)).join(' ');
			this.readDone(role, key, line, origin);
			for (const spoken of spokenParts(line.text)) this.addSpoken(spoken, origin, line.text !== text);
		}
	}

	read(): Omit<ReplyCheck, 'draft' | 'rewrites'> {
		return {
			language: this.language,
			facts: this.facts,
			retrieved: this.retrieved,
			customerText: this.customer.join('\n'),
			claims: this.claims,
			instructions: this.instructions,
			foreignMarks: this.marks,
		};
	}

	private addSpoken({ role, text }: { role: Role; text: string }, origin: 'facts' | 'context', isKeyed: boolean): void {
		if (role === 'customer' || (origin === 'context' && role === 'source' && !isKeyed && readsAsCustomer(text))) {
			this.customer.push(text);
			return;
		}
		for (const claim of statedClaims(text)) this.claims[claim] = true;
		if (role === 'action') this.readDone('action', '', { path: [], text, value: text }, origin);
		(origin === 'facts' ? this.facts : this.retrieved).push(text);
	}

	/** `booking_done: true`, `actions: ["handover_created"]`, `payment: {"status": "paid"}`. */
	private readDone(role: Role, key: string, { path, value }: FlatLine, origin: 'facts' | 'context'): void {
		const name = [key, path.join(' ')].join(' ');
		const written = typeof value === 'string' ? value.toLowerCase() : String(value);
		const isFlag = value === true || (typeof value === 'string' && value.length <= 40 && POSITIVE.test(written));
		const isListed = role === 'action' && typeof value === 'string';
		// "доставка: да" says that there is a delivery, not that one was made.
		const isResult = role === 'action' || RESULT_KEY.test(name) || (origin === 'context' && value === true);
		if (!isResult || (!isFlag && !isListed)) return;
		const told = isFlag ? `${name} ${isListed ? written : ''}` : written;
		if (NEGATIVE.test(written.replace(/[_-]/gu, ' '))) return;
		for (const [pattern, claim] of DONE_WORDS) if (pattern.test(told)) this.claims[claim] = true;
	}
}

function roleOfPath(path: readonly string[], origin: 'facts' | 'context'): Role {
	for (const key of [...path].reverse()) {
		const found = KEYS.find(([pattern]) => pattern.test(key))?.[1];
		// "client" and "user" among facts name the business and its visitors, not what was said.
		if (
			found !== undefined &&
			!(origin === 'facts' && found === 'customer' && /^(?:customer|user|client|клиент)s?$/u.test(key))
		)
			return found;
	}
	return 'source';
}

/** Parts of a text by who speaks: "Клиент: … Бот: …". What stands before the first mark is nobody's. */
function spokenParts(text: string): Array<{ role: Role; text: string }> {
	const marks = [...text.matchAll(ROLE_MARK)].filter(
		(mark) => mark.index === 0 || /[\s.!?»"\]]$/u.test(text.slice(0, mark.index)),
	);
	const first = marks[0];
	if (first === undefined) return [{ role: 'source', text }];
	const parts: Array<{ role: Role; text: string }> = [];
	if (first.index > 0) parts.push({ role: 'source', text: text.slice(0, first.index) });
	for (const [index, mark] of marks.entries()) {
		const name = mark[1] ?? '';
		const body = text.slice(mark.index + mark[0].length, marks[index + 1]?.index ?? text.length);
		const role: Role = CUSTOMER_ROLE.test(name) ? 'customer' : ACTION_ROLE.test(name) ? 'action' : 'source';
		parts.push({ role, text: body });
	}
	return parts.filter((part) => part.text.trim() !== '');
}

/** An unmarked context is what the customer said when it asks, wishes or commands, and does not speak for the business. */
function readsAsCustomer(text: string): boolean {
	if (NARRATED.test(text.trim())) return true;
	if (FROM_BUSINESS.test(text)) return false;
	const sentences = text.trim().split(/(?<=[.!?…])\s+|\n+/u);
	const last = sentences.at(-1) ?? '';
	const isAnswered =
		sentences.length > 1 &&
		!last.endsWith('?') &&
		!FROM_CUSTOMER.test(last) &&
		(/\d/u.test(last) || last.split(/\s+/u).length >= 4);
	if (isAnswered) return false;
	return text.trim().endsWith('?') || FROM_CUSTOMER.test(text);
}

function languageOf(written: string): ReplyLanguage | null {
	const name = plainText(written).trim();
	if (/^(?:kk|kz|kaz|қаз|каз)/u.test(name)) return 'kk';
	return /^(?:ru|рус|орыс)/u.test(name) ? 'ru' : null;
}
