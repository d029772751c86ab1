import { HANDOVER_REASONS } from '../../../lib/item/turn-item';
import { composeHandoverReply, handoverText } from '../../../lib/reply/handover-reply';
import {
	customerWroteNotice,
	handoverSummary,
	managerNotice,
	MAX_NOTICE_CHARS,
} from '../../../lib/reply/manager-notice';
import { SALON, said, SATURDAY_NOON, turn } from '../classify/demo-salon';

const context = { pack: SALON, now: SATURDAY_NOON, notified: true };

describe('what the customer is told', () => {
	test('a booking is passed on with service and time, and is never called booked', () => {
		const { text } = composeHandoverReply(turn('хочу на маникюр с гель-лаком завтра в 15:00'), 'booking', context);
		expect(text).toContain('Маникюр с гель-лаком, завтра в 15:00');
		expect(text).toContain('ещё не забронировано');
	});

	test('a booking without a service asks for the service, without a time for the time', () => {
		expect(composeHandoverReply(turn('хочу записаться на завтра'), 'booking', context).text).toContain(
			'какая услуга нужна',
		);
		expect(composeHandoverReply(turn('запишите на педикюр'), 'booking', context).text).toContain(
			'удобный день и время',
		);
	});

	test('the answer to that question completes the booking', () => {
		const asked = composeHandoverReply(turn('хочу записаться на завтра'), 'booking', context).text;
		expect(turn('маникюр с гель лаком', { history: [said('bot', asked)] }).classification?.intent).toBe('booking');
	});

	test.each([
		['завтра в 14:00', 'сколько стоит маникюр с гель-лаком', 'Маникюр с гель-лаком, завтра в 14:00'],
		['ертең кешке', 'педикюр қанша тұрады', 'Педикюр, ертең кешке'],
	])('"%s" after "%s" is a booking of that service', (text, before, details) => {
		const item = turn(text, {
			history: [said('user', before), said('bot', 'Если хотите записаться, напишите удобный день и время.')],
		});
		expect(item.classification?.intent).toBe('booking');
		expect(composeHandoverReply(item, 'booking', context).text).toContain(details);
	});

	test('while the notice is pending the text does not say that a manager has it', () => {
		for (const reason of HANDOVER_REASONS) {
			expect(handoverText('ru', reason, { notified: false })).not.toMatch(/передан/u);
			expect(handoverText('kk', reason, { notified: false })).not.toMatch(/жіберілді/u);
		}
	});

	test('outside opening hours the customer hears that the answer may come later', () => {
		const night = new Date('2026-11-21T19:00:00Z');
		expect(
			composeHandoverReply(turn('позовите человека'), 'asked_for_human', { ...context, now: night }).text,
		).toContain('Сейчас салон закрыт');
		expect(composeHandoverReply(turn('позовите человека'), 'asked_for_human', context).text).not.toContain('закрыт');
	});

	test('an addition to an open handover is not announced as a new one', () => {
		expect(
			composeHandoverReply(turn('ещё запишите на брови', { openHandoverId: 'h1' }), 'booking', context).text,
		).toContain('Дополнение передано');
	});
});

describe('what the managers read', () => {
	const item = turn('Меня зовут Алия, хочу на маникюр с гель-лаком завтра в 15:00', {
		history: [said('user', 'сәлем'), said('bot', 'Сәлеметсіз бе!')],
	});

	test('client, reason, customer, phone, summary, words and history are in the notice', () => {
		const notice = managerNotice(item, { reason: 'booking', phone: '+7 7** *** ** 55', pack: SALON });
		for (const part of [
			'Салон красоты «Айнур»',
			'запись',
			'Асель',
			'+7 7** *** ** 55',
			'Маникюр с гель-лаком',
			'завтра в 15:00',
			'Алия',
			'Сәлеметсіз бе!',
			'Взять',
		])
			expect(notice).toContain(part);
		expect(notice).not.toContain('{');
	});

	test('without a phone the line is left out', () => {
		expect(managerNotice(item, { reason: 'booking', phone: null, pack: SALON })).not.toContain('Телефон');
	});

	test('a huge message does not exceed what the channel takes, and no emoji is torn', () => {
		const notice = managerNotice(turn('🌸'.repeat(20_000)), { reason: 'no_answer', phone: null, pack: SALON });
		expect([...notice].length).toBeLessThanOrEqual(MAX_NOTICE_CHARS);
		expect(notice).not.toMatch(/[\uD800-\uDBFF](?![\uDC00-\uDFFF])/u);
	});

	test('a summary names a whole category once', () => {
		expect(handoverSummary(turn('запишите на маникюр завтра'), SALON)).toBe('услуга: Маникюр; время: завтра');
	});

	test('a message without text shows its attachment', () => {
		const photo = {
			kind: 'image',
			mimeType: 'image/jpeg',
			fileName: null,
			sizeBytes: 1,
			url: null,
			caption: null,
		} as const;
		expect(customerWroteNotice(turn('', { attachments: [photo] }))).toContain('[вложение: фото]');
	});
});
