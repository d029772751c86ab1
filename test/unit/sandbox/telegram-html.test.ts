import { parseTelegramHtml } from '../../../sandbox/telegram-html';

describe('what Telegram refuses in HTML is refused with its words', () => {
	const cases = [
		{ given: '<b>x', expected: 'Can\'t find end tag corresponding to start tag "b"' },
		{ given: 'x</b>', expected: 'Unexpected end tag at byte offset 1' },
		{ given: '<b><i>x</b></i>', expected: 'Unmatched end tag at byte offset 7, expected "</i>", found "</b>"' },
		{ given: 'Цена <8000', expected: 'Unclosed start tag at byte offset 9' },
		{ given: '<p>x</p>', expected: 'Unsupported start tag "p" at byte offset 0' },
		{ given: 'я<br>', expected: 'Unsupported start tag "br" at byte offset 2' },
		{ given: '<span class="x">y</span>', expected: 'Tag "span" must have class "tg-spoiler" at byte offset 0' },
	];
	test.each(cases)('$given', ({ given, expected }) => {
		expect(parseTelegramHtml(given)).toEqual({ ok: false, problem: expected });
	});
});

describe('accepted HTML becomes text and entities counted in UTF-16 units', () => {
	const cases = [
		{ given: 'a &lt;b&gt; &amp;&quot; &#8376; &nbsp;', text: 'a <b> &" ₸ &nbsp;', entities: [] },
		{ given: '😀<b>да</b>', text: '😀да', entities: [{ type: 'bold', offset: 2, length: 2 }] },
		{ given: '  <b> x</b> ', text: 'x', entities: [{ type: 'bold', offset: 0, length: 1 }] },
		{
			given: '<a href="https://x.kz/?a=1&amp;b=2">t</a>',
			text: 't',
			entities: [{ type: 'text_link', offset: 0, length: 1, url: 'https://x.kz/?a=1&b=2' }],
		},
		{
			given: '<b>x<i>y</i></b>',
			text: 'xy',
			entities: [
				{ type: 'bold', offset: 0, length: 2 },
				{ type: 'italic', offset: 1, length: 1 },
			],
		},
	];
	test.each(cases)('$given', ({ given, text, entities }) => {
		expect(parseTelegramHtml(given)).toEqual({ ok: true, text, entities });
	});
});
