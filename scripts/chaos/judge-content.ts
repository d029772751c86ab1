/** What the replies say: whose facts, and whether they belong to the question. */
import type { ClientFacts } from './evidence';
import { phonesIn } from './customer-phone';
import type { ChaosRecord, Finding } from './record';

/** An amount in tenge, with any kind of space between its digits. */
const AMOUNT = /(\d{1,3}(?:\s\d{3})+|\d+)\s*₸/gu;
/** Of what a finding quotes. */
const MOST_CHARS = 160;

/**
 * Rows, words and amounts of one client where they belong to another: rows whose parent is another client's, messages stored
 * under another client, replies that this client has not written or to nobody who wrote to it, marks and amounts of another client's knowledge, and
 * another client's customers in a managers' group.
 */
export function findForeign({ evidence, outbox }: ChaosRecord): Finding[] {
	const facts = new Map(evidence.clients.map((client) => [client.slug, client]));
	const findings: Finding[] = [];
	for (const { where, rows } of evidence.crossedRows)
		for (let row = 0; row < rows; row += 1)
			findings.push({ rule: 'a row of another client than its parent', client: '-', ids: [where] });

	const writtenTo = new Map(evidence.written.map(({ id, client }) => [id, client]));
	for (const { id, client } of evidence.events) {
		const owner = writtenTo.get(id);
		if (owner !== undefined && owner !== client)
			findings.push({ rule: 'a message stored under another client', client, ids: [id] });
	}
	const customers = new Set(evidence.written.map(({ client, phone }) => `${client} ${phone}`));
	for (const { client, phone, key, text } of evidence.phone) {
		const rule =
			outbox.get(key ?? '')?.client !== client
				? 'a reply that this client has not written'
				: !customers.has(`${client} ${phone}`)
					? 'a reply to somebody who never wrote to this client'
					: foreignWords(text, client, facts);
		if (rule !== null) findings.push({ rule, client, ids: [key ?? '-'] });
	}

	const known = new Set(evidence.written.map(({ phone }) => phone));
	for (const { client, text } of evidence.group) {
		const stranger = phonesIn(text).some((phone) => known.has(phone) && !customers.has(`${client} ${phone}`));
		const rule = stranger ? 'a customer of another client in the group' : foreignWords(text, client, facts);
		if (rule !== null) findings.push({ rule, client, ids: [] });
	}
	return findings;
}

function foreignWords(text: string, slug: string, facts: ReadonlyMap<string, ClientFacts>): string | null {
	const own = facts.get(slug);
	const others = [...facts.values()].filter((client) => client.slug !== slug);
	if (others.some(({ marks }) => marks.some((mark) => text.includes(mark)))) return 'words of another client';
	const amounts = amountsIn(text).filter((amount) => own?.amounts.has(amount) !== true);
	return amounts.some((amount) => others.some((client) => client.amounts.has(amount)))
		? 'an amount of another client'
		: null;
}

/** Answers from facts to a question for prices in which no asked price occurs. */
export function findWrongAnswers({ evidence, chats }: ChaosRecord): Finding[] {
	const prices = new Map(evidence.clients.map(({ slug, prices: list }) => [slug, list]));
	return chats.flatMap((chat) => {
		const turns = new Map(chat.fates.flatMap(({ turn }) => (turn === null ? [] : [[turn.id, turn] as const])));
		return [...turns.values()].flatMap((turn) => {
			const fates = chat.fates.filter((fate) => fate.turn?.id === turn.id);
			const reply = fates[0]?.arrivals[0];
			const asked = fates.flatMap(({ message }) => message.question.service ?? []);
			if (turn.outcome !== 'answered' || turn.reason !== 'facts' || reply === undefined || asked.length === 0)
				return [];
			const amounts = amountsIn(reply.text);
			const isRight = asked.some((service) => amounts.includes(prices.get(chat.client)?.get(service) ?? Number.NaN));
			if (isRight) return [];
			const questions = fates.map(({ message }) => message.question.text);
			const words = `${inShort(questions.join('\n'))} -> ${inShort(reply.text)}`;
			return [{ rule: 'no asked price in the answer', client: chat.client, ids: [turn.id], words }];
		});
	});
}

/** On one line, and not longer than a line. */
function inShort(text: string): string {
	const chars = [...text.replace(/\n+/gu, ' / ')];
	return chars.length <= MOST_CHARS ? chars.join('') : `${chars.slice(0, MOST_CHARS - 1).join('')}…`;
}

function amountsIn(text: string): number[] {
	return [...text.matchAll(AMOUNT)].map(([, digits]) => Number((digits as string).replace(/\s/gu, '')));
}
