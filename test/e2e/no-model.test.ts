/** The questions a newcomer asks first, on a stack without any model key. */
import { type RunningTestStack, startStack } from '../support/stack';
import { newPhone, plain, World } from '../support/world';

jest.setTimeout(90_000);

let stack: RunningTestStack;

beforeAll(async () => {
	stack = await startStack({ model: 'off' });
}, 600_000);
afterAll(async () => {
	await stack?.stop();
});

const QUESTIONS: ReadonlyArray<{ text: string; contains: readonly string[] }> = [
	{ text: 'Сколько стоит маникюр с гель-лаком?', contains: ['Здравствуйте', '8 000 ₸'] },
	{ text: 'Вы до скольки работаете?', contains: ['Здравствуйте', '21:00'] },
	{ text: 'Қайда орналасқансыз?', contains: ['Сәлеметсіз бе', 'Наурызбай батыр көшесі'] },
	{ text: 'сәлем, маникюр канша турады', contains: ['Сәлеметсіз бе', '5 000 ₸', '8 000 ₸'] },
];
test.each(QUESTIONS)('without a model key: $text', async ({ text, contains }) => {
	const reply = plain(await new World(stack.sandboxUrl).ask(newPhone(), text));
	for (const part of contains) expect(reply).toContain(part);
});
