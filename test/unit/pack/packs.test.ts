import { parseClientPack } from '../../../lib/pack/client-pack';
import { parseDomainPack } from '../../../lib/pack/domain-pack';
import { findServices } from '../../../lib/pack/service-match';
import { formatDuration, formatPrice, formatTiyn } from '../../../lib/reply/money-text';
import { BEAUTY, SALON } from '../classify/demo-salon';

const keys = (text: string): readonly string[] =>
	findServices(text, SALON, BEAUTY).map((mention) =>
		mention.kind === 'service' ? mention.service.key : `${mention.kind}:${mention.key}`,
	);

describe('services in a message', () => {
	test.each([
		['маникюр с гель-лаком', ['manicure_gel']],
		['маникюр', ['category:manicure']],
		['мужской маникюр и педикюр', ['manicure_men', 'category:pedicure']],
		['снять гель лак', ['gel_removal']],
		['стрижка мужская и женская', ['haircut_men', 'haircut_women']],
		['перманент бровей', ['missing:permanent']],
		['стришка', ['category:haircut']],
		['балаяж или airtouch', ['airtouch']],
		['шаш қию', ['category:haircut']],
		['кірпікті ламинаттау', ['lash_lamination']],
		['лакомство для кота', []],
		['с гель лаком', ['manicure_gel']],
		['каспи', []],
		['гель лакпен маникюр', ['manicure_gel']],
		['', []],
	])('"%s"', (text, expected) => {
		expect([...keys(text)].sort()).toEqual([...expected].sort());
	});
});

describe('packs', () => {
	test('parsing a parsed pack changes nothing', () => {
		expect(parseClientPack(JSON.parse(JSON.stringify(SALON)))).toEqual({ ok: true, pack: SALON });
	});

	test('all problems are reported together, with their places', () => {
		const broken = {
			...SALON,
			phones: 'none',
			services: [{ ...SALON.services[0], category: 'nothing', colour: 'red' }],
		};
		const parsed = parseClientPack(broken);
		expect(parsed.ok).toBe(false);
		if (parsed.ok) return;
		expect(parsed.problems.join('\n')).toMatch(/phones/u);
		expect(parsed.problems.join('\n')).toMatch(/unknown key "colour"/u);
	});

	test.each([
		[
			'a category that does not exist',
			{ services: SALON.services.map((service) => ({ ...service, category: 'nothing' })) },
		],
		['a closing time before the opening time', { hours: [{ days: [1], open: '21:00', close: '10:00' }] }],
		['a weekday given twice', { hours: [...SALON.hours, ...SALON.hours] }],
		['a fraction of a tiyn', { services: [{ ...SALON.services[0], priceFromTiyn: 0.5 }] }],
		['an upper price below the lower one', { services: [{ ...SALON.services[0], priceToTiyn: 1 }] }],
		['two services with one key', { services: [SALON.services[0], SALON.services[0]] }],
	])('%s is refused', (_name, change) => {
		expect(parseClientPack({ ...SALON, ...change }).ok).toBe(false);
	});

	test.each([null, 1, [], 'pack', {}])('%p is no pack of either kind', (data) => {
		expect(parseClientPack(data).ok).toBe(false);
		expect(parseDomainPack(data).ok).toBe(false);
	});
});

describe('prices in words', () => {
	const [service] = SALON.services;
	if (service === undefined) throw new Error('no services');
	test.each([
		[800_000, '8\u00A0000\u00A0₸'],
		[0, '0\u00A0₸'],
		[123_456_789_00, '123\u00A0456\u00A0789\u00A0₸'],
		[50_050, '500,50\u00A0₸'],
	])('%i tiyn is "%s"', (tiyn, expected) => expect(formatTiyn(tiyn)).toBe(expected));

	test('an open price says "от", a range has both ends', () => {
		expect(formatPrice({ ...service, priceFromTiyn: 4_500_000, priceOpen: true }, 'ru')).toBe('от 45\u00A0000\u00A0₸');
		expect(formatPrice({ ...service, priceFromTiyn: 30_000, priceToTiyn: 100_000 }, 'kk')).toBe(
			'300–1\u00A0000\u00A0₸',
		);
	});

	test.each([
		[45, '45\u00A0мин'],
		[60, '1\u00A0ч'],
		[90, '1\u00A0ч\u00A030\u00A0мин'],
	])('%i minutes', (minutes, expected) => expect(formatDuration(minutes, 'ru')).toBe(expected));
});
