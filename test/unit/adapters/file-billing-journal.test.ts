import {
	appendFileSync,
	existsSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	statSync,
	utimesSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { defaultJournalFolder, FileBillingJournal } from '../../../lib/adapters/file-billing-journal';
import type { Settlement } from '../../../lib/billing/settlement';

/** Above the largest number Linux gives to a process. */
const DEAD_PID = 5_000_000;
const ELEVEN_MINUTES_S = 11 * 60;

let folder: string;
const open: FileBillingJournal[] = [];
const journal = (over: Partial<ConstructorParameters<typeof FileBillingJournal>[0]> = {}): FileBillingJournal => {
	const made = new FileBillingJournal({ folder, installation: 'key', ...over });
	open.push(made);
	return made;
};

beforeEach(() => {
	folder = path.join(mkdtempSync(path.join(tmpdir(), 'truffles-journal-')), 'billing');
});
afterEach(() => {
	for (const each of open.splice(0)) each.close();
	rmSync(path.dirname(folder), { recursive: true, force: true });
});

const settlement = (conversation: number): Settlement => ({
	clientId: '0a000000-0000-4000-8000-00000000000a',
	timeZone: 'Asia/Almaty',
	reservationId: null,
	conversationId: `0c000000-0000-4000-8000-${String(conversation).padStart(12, '0')}`,
	turnId: null,
	settledAt: '2026-11-21T07:00:00.000Z',
	usdKztRate: '500',
	rows: [],
});
const numbersIn = (from: FileBillingJournal): number[] =>
	from
		.claim()
		.flatMap((file) => from.read(file).settlements)
		.map(({ conversationId }) => Number(conversationId?.slice(-12)));

test('nothing is created before something waits', () => {
	const own = journal();
	expect(own.claim()).toEqual([]);
	expect(own.hasWaiting()).toBe(false);
	expect(existsSync(folder)).toBe(false);
});

test('what waits is read in its order, however often the replay is interrupted', () => {
	const own = journal();
	own.append(settlement(1));
	own.append(settlement(2));
	expect(numbersIn(own)).toEqual([1, 2]);
	own.append(settlement(3));
	expect(numbersIn(own)).toEqual([1, 2, 3]);
	expect(numbersIn(own)).toEqual([1, 2, 3]);
	expect(own.hasWaiting()).toBe(true);
});

test('a settlement that comes during a replay is not lost with the file that is removed', () => {
	const own = journal();
	own.append(settlement(1));
	const [file] = own.claim();
	own.append(settlement(2));
	own.remove(file ?? '');
	expect(own.hasWaiting()).toBe(true);
	expect(numbersIn(own)).toEqual([2]);
});

test('after the last file nothing waits, and nothing is left on the disk', () => {
	const own = journal();
	own.append(settlement(1));
	for (const file of own.claim()) own.remove(file);
	expect(own.hasWaiting()).toBe(false);
	expect(readdirSync(folder)).toEqual([]);
});

test('a last line that a crash cut off is skipped, a damaged line in the middle is reported', () => {
	const own = journal();
	own.append(settlement(1));
	const name = readdirSync(folder)[0] ?? '';
	appendFileSync(path.join(folder, name), 'not json\n{"clientId":"x"}\n');
	own.append(settlement(2));
	appendFileSync(path.join(folder, name), '{"clientId":"0a00000');
	const [file] = own.claim();
	const content = own.read(file ?? '');
	expect(content.settlements).toHaveLength(2);
	expect(content.unreadable).toEqual(['not json', '{"clientId":"x"}']);
});

test('only the owner can read the files', () => {
	journal().append(settlement(1));
	expect(statSync(folder).mode & 0o777).toBe(0o700);
	expect(statSync(path.join(folder, readdirSync(folder)[0] ?? '')).mode & 0o777).toBe(0o600);
});

describe('files of others', () => {
	test('of a dead process are taken over, by one process only', () => {
		journal({ pid: DEAD_PID }).append(settlement(1));
		const [one, two] = [journal(), journal()];
		expect([numbersIn(one), numbersIn(two)]).toEqual([[1], []]);
	});

	test('of a process that lives are left alone', () => {
		journal({ pid: process.ppid }).append(settlement(1));
		journal().append(settlement(2));
		expect(numbersIn(journal())).toEqual([]);
	});

	test('of the process before us in this container, which had our number, are taken over', () => {
		const before = journal();
		before.append(settlement(1));
		before.close();
		expect(numbersIn(journal())).toEqual([1]);
	});

	test('of another machine are taken over when nobody wrote for ten minutes', () => {
		journal({ host: 'other', pid: process.ppid }).append(settlement(1));
		const own = journal();
		expect(numbersIn(own)).toEqual([]);
		const file = path.join(folder, readdirSync(folder)[0] ?? '');
		const then = Date.now() / 1_000 - ELEVEN_MINUTES_S;
		utimesSync(file, then, then);
		expect(numbersIn(own)).toEqual([1]);
	});

	test('of another installation in the same folder are never touched', () => {
		journal({ installation: 'other', pid: DEAD_PID }).append(settlement(1));
		expect(numbersIn(journal())).toEqual([]);
	});

	test('that are no files of ours are never touched', () => {
		const own = journal();
		own.append(settlement(1));
		const name = (readdirSync(folder)[0] ?? '').replace('.jsonl', '.jsonl.bak');
		appendFileSync(path.join(folder, name), 'x');
		for (const file of own.claim()) own.remove(file);
		expect(readdirSync(folder)).toEqual([name]);
	});
});

test('lines that are set aside are kept, one below the other', () => {
	const own = journal();
	own.append(settlement(1));
	own.setAside(['a', 'b']);
	own.setAside([]);
	own.setAside(['c']);
	const name = readdirSync(folder).find((entry) => entry.endsWith('refused.txt')) ?? '';
	expect(readFileSync(path.join(folder, name), 'utf8')).toBe('a\nb\nc\n');
});

test("the journal lies beside n8n's own data", () => {
	expect(defaultJournalFolder({ N8N_USER_FOLDER: '/data' })).toBe(path.join('/data', '.n8n', 'truffles-billing'));
	expect(path.isAbsolute(defaultJournalFolder({}))).toBe(true);
});
