import { readFileSync } from 'node:fs';
import path from 'node:path';

import { readGuardCase } from '../../../lib/eval/guard-case';
import { parseJsonLines } from '../../../lib/eval/json-lines';
import { checkReply } from '../../../lib/guard/check-reply';

const FILE = path.join(__dirname, 'fixtures', 'drafts.jsonl');
/** Forbidden drafts that the guard is known to let pass; one that is closed leaves this list. */
const KNOWN_HOLES = [
	'Маникюр с покрытием 5000 ₸',
	'Стрижку делает Айгерим.',
	'Деньги за абонемент можно вернуть.',
	'Жазылмай-ақ келе беріңіз.',
	'Час для 10 класса стоит 4 500 тг.',
	'Занятия только офлайн.',
	'Завтраки весь день.',
	'С собаками можно и в зале.',
	'Ертең торт дайын болады.',
];

const parsed = parseJsonLines(readFileSync(FILE, 'utf8'), 'drafts.jsonl', readGuardCase);
const cases = parsed.ok ? parsed.rows : [];
const judged = cases.map(({ check, allowed }) => ({
	draft: check.draft,
	allowed,
	violations: checkReply(check).violations,
}));

test('the development set is read whole and holds both kinds', () => {
	expect(parsed.ok).toBe(true);
	expect(cases.filter(({ allowed }) => allowed).length).toBeGreaterThan(200);
	expect(cases.filter(({ allowed }) => !allowed).length).toBeGreaterThan(300);
});

test('no allowed draft of thirteen businesses is stopped', () => {
	expect(judged.filter(({ allowed, violations }) => allowed && violations.length > 0)).toEqual([]);
});

test('of the forbidden drafts only the known holes pass', () => {
	const passed = judged.filter(({ allowed, violations }) => !allowed && violations.length === 0);
	expect(passed.map(({ draft }) => draft)).toEqual(KNOWN_HOLES);
});
