import { checkReply } from '../../../lib/guard/check-reply';
import { startCpuClock } from '../../support/cpu-clock';

const CHARS = 20_000;
const repeat = (piece: string): string => piece.repeat(Math.ceil(CHARS / piece.length)).slice(0, CHARS);
const PIECES = [
	'а',
	'а ',
	'8 ',
	'8 000 ₸, ',
	'a-',
	'a.',
	'@',
	'+7 ',
	'12.',
	'12:00-',
	'вы записаны ',
	'менеджер вам ',
	'если ',
	'«Салон ',
	'Улица ',
	'пн-',
	'пн, ',
	'тысяча ',
	'екі жүз ',
	'\n',
	'. ',
	'* ',
	'(',
	'скидка ',
	'A',
	'aA1',
	'{"a":',
	'с к и д к а ',
	'қояды ',
	'оформила и ',
	'http://a',
	'🇰🇿',
];

/**
 * One check must not hold the process, whatever a model, a document or a customer sends. CPU time, and far more than the
 * longest one needs (a third of a second on a quiet machine): a regex that runs away needs minutes, a busy machine does not count.
 */
const MAX_CPU_MS = 5_000;

describe.each([
	{ where: 'draft', check: (text: string) => ({ draft: text, facts: ['Маникюр — 8 000 ₸'], customerText: '' }) },
	{
		where: 'facts',
		check: (text: string) => ({ draft: 'Маникюр 8 000 ₸, работаем до 20:00', facts: [text], customerText: '' }),
	},
	{
		where: "customer's text",
		check: (text: string) => ({ draft: 'Маникюр 8 000 ₸', facts: ['Маникюр — 8 000 ₸'], customerText: text }),
	},
])('20 kB in the $where', ({ check }) => {
	test.each(PIECES)('of %j are judged in bounded time', (piece) => {
		const cpuMs = startCpuClock();
		checkReply({
			...check(repeat(piece)),
			language: 'ru',
			retrieved: [],
			claims: {},
			rewrites: 0,
			instructions: [repeat('не говори о скидках ')],
			foreignMarks: ['КАНАРЕЙКА-17'],
		});
		expect(cpuMs()).toBeLessThan(MAX_CPU_MS);
	});
});
