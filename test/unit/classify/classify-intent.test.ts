import { ALL_MESSAGES } from './customer-messages';
import { turn } from './demo-salon';

describe('customer messages', () => {
	test.each(ALL_MESSAGES.map((row) => [...row] as const))(
		'"%s" is %s, goes to %s, is answered in %s',
		(text, intent, route, language) => {
			const classification = turn(text).classification;
			expect({
				intent: classification?.intent,
				route: classification?.route,
				language: classification?.replyLanguage,
			}).toEqual({ intent, route, language });
		},
	);

	test('the table holds at least 150 different messages', () => {
		expect(new Set(ALL_MESSAGES.map(([text]) => text)).size).toBeGreaterThanOrEqual(150);
	});
});
