/** Nothing that we write ourselves may be stopped: facts, templates, knowledge and what is told after a handover. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { HANDOVER_REASONS, type Reply, type RetrievedChunk, type TurnItem } from '../../../lib/item/turn-item';
import { buildLexicalIndex } from '../../../lib/knowledge/lexical-index';
import { chunkMarkdown } from '../../../lib/knowledge/markdown-chunks';
import { searchSynonyms } from '../../../lib/pack/search-synonyms';
import { composeFromKnowledge } from '../../../lib/reply/compose-from-knowledge';
import { composeReply } from '../../../lib/reply/compose-reply';
import { composeHandoverReply } from '../../../lib/reply/handover-reply';
import { guardTurn } from '../../../nodes/ReplyGuard/guard-turn';
import * as customerMessages from '../../unit/classify/customer-messages';
import { BEAUTY, SALON, SALON_DIR, SATURDAY_NOON, turn } from '../../unit/classify/demo-salon';

const PASSED = 0;
const messages = Object.values(customerMessages)
	.filter((group): group is readonly customerMessages.MessageRow[] => Array.isArray(group))
	.flatMap((group) => group.map(([text]) => text))
	.concat(['Ребёнку 8 лет, стрижка почём?', 'А стрижка детская сколько?', 'Сыну 6 лет, сколько стоит постричь?']);

const chunks = ['services.md', 'faq.md', 'rules.md', 'objections.md'].flatMap((path) =>
	chunkMarkdown(path, readFileSync(join(SALON_DIR, path), 'utf8')).map((chunk) => ({
		id: `${path}#${chunk.ordinal}`,
		title: chunk.title,
		text: chunk.text,
		source: path,
	})),
);
const index = buildLexicalIndex(chunks, searchSynonyms(BEAUTY));
/** Headings of the knowledge are questions in both languages. */
const questions = chunks
	.flatMap(({ title, text }) => [title ?? '', ...text.split('\n').filter((line) => line.startsWith('#'))])
	.flatMap((heading) => heading.replace(/^#+/u, '').split('›').at(-1)?.split(' / ') ?? [])
	.map((question) => question.trim())
	.filter((question) => question !== '');

function withKnowledge(item: TurnItem): TurnItem {
	const found = index.search(item.text, 5);
	const retrieved: RetrievedChunk[] = found.hits.map((hit) => ({
		...hit.chunk,
		score: hit.score,
		relevance: hit.relevance,
	}));
	return {
		...item,
		retrieval: { engine: 'lexical', query: item.text, chunks: retrieved, nothingRelevant: found.nothingRelevant },
	};
}

function judge(item: TurnItem, reply: Reply): string[] {
	const judged = guardTurn({ ...item, reply });
	return judged.output === PASSED ? [] : [`${item.text} -> ${reply.text} ${JSON.stringify(judged.json['notes'])}`];
}

test('no reply from facts or templates is stopped', () => {
	const replies = messages.flatMap((text) => {
		const item = turn(text, { isFirstTurn: true });
		const decision = composeReply(item, { pack: SALON, domain: BEAUTY, now: SATURDAY_NOON });
		const composed = decision.kind === 'reply' ? decision.reply : decision.answer;
		return composed === null ? [] : [{ item, composed }];
	});
	expect(replies.length).toBeGreaterThan(100);
	expect(replies.flatMap(({ item, composed }) => judge(item, composed))).toEqual([]);
});

test('no answer from knowledge is stopped', () => {
	const replies = [...questions, ...messages].flatMap((text) => {
		const item = withKnowledge(turn(text));
		const composed = composeFromKnowledge(item, { pack: SALON, domain: BEAUTY, now: SATURDAY_NOON });
		return composed === null ? [] : [{ item, composed }];
	});
	expect(replies.length).toBeGreaterThan(60);
	expect(replies.flatMap(({ item, composed }) => judge(item, composed))).toEqual([]);
});

test.each(HANDOVER_REASONS)('what is told after a handover because of %s passes once it was recorded', (reason) => {
	for (const text of ['Запишите меня на маникюр завтра в 15:00', 'маникюрге ертең жазыңызшы', 'Позовите человека']) {
		const item: TurnItem = { ...turn(text), handover: { reason, id: 'handover-1', notified: true } };
		const reply = composeHandoverReply(item, reason, { pack: SALON, now: SATURDAY_NOON, notified: true });
		expect(judge(item, reply)).toEqual([]);
	}
});
