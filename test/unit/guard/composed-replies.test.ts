import { checkReply } from '../../../lib/guard/check-reply';
import { composeReply } from '../../../lib/reply/compose-reply';
import * as customerMessages from '../classify/customer-messages';
import { BEAUTY, SALON, SATURDAY_NOON, turn } from '../classify/demo-salon';

const texts = Object.values(customerMessages)
	.filter((group): group is readonly customerMessages.MessageRow[] => Array.isArray(group))
	.flatMap((group) => group.map(([text]) => text));

test('no reply that we compose from facts is stopped by the guard', () => {
	const stopped: string[] = [];
	let checked = 0;
	for (const text of texts) {
		const item = turn(text, { isFirstTurn: true });
		const decision = composeReply(item, { pack: SALON, domain: BEAUTY, now: SATURDAY_NOON });
		const composed = decision.kind === 'reply' ? decision.reply : decision.answer;
		if (composed === null) continue;
		checked += 1;
		const { violations } = checkReply({
			draft: composed.text,
			language: composed.language,
			facts: composed.facts,
			retrieved: [],
			customerText: text,
			claims: {},
			rewrites: 0,
			names: [SALON.name.ru, SALON.name.kk],
		});
		if (violations.length > 0)
			stopped.push(`${text} -> ${composed.text} [${violations.join(', ')}] FACTS ${composed.facts.join(' | ')}`);
	}
	expect(checked).toBeGreaterThan(100);
	expect(stopped).toEqual([]);
});
