import { GroupedWork } from '../../../lib/adapters/grouped-work';
import { TrufflesError } from '../../../lib/errors';

let groups: Array<{ readonly key: string; readonly items: readonly string[] }>;
let work: (items: readonly string[]) => Promise<void>;
let grouped: GroupedWork<string, string>;

beforeEach(() => {
	groups = [];
	work = async () => await Promise.resolve();
	grouped = new GroupedWork({
		doAll: async (key, items) => {
			groups.push({ key, items });
			await work(items);
			return items.map((item) => item.toUpperCase());
		},
		maxItems: 3,
		identityOf: (item) => item,
		sizeOf: (item) => (item.startsWith('big') ? 300_000 : 1),
	});
});

const itemsOf = (): ReadonlyArray<readonly string[]> => groups.map(({ items }) => items);
const doAll = async (...items: readonly string[]): Promise<readonly string[]> =>
	await Promise.all(items.map(async (item) => await grouped.do('k', item)));

test('calls of one instant are one group, and each gets its own result', async () => {
	expect(await doAll('a', 'b', 'c')).toEqual(['A', 'B', 'C']);
	expect(itemsOf()).toEqual([['a', 'b', 'c']]);
});

test('a call alone is done at once', async () => {
	expect(await doAll('a')).toEqual(['A']);
	expect(await doAll('a')).toEqual(['A']);
	expect(itemsOf()).toEqual([['a'], ['a']]);
});

test('what comes while a group is under way is the next group', async () => {
	let release = (): void => undefined;
	work = async () => await new Promise((resolve) => (release = resolve));
	const first = grouped.do('k', 'a');
	await new Promise((resolve) => setImmediate(resolve));
	const later = doAll('b', 'c');
	await new Promise((resolve) => setImmediate(resolve));
	expect(itemsOf()).toEqual([['a']]);
	work = async () => await Promise.resolve();
	release();
	expect([await first, ...(await later)]).toEqual(['A', 'B', 'C']);
	expect(itemsOf()).toEqual([['a'], ['b', 'c']]);
});

test('keys do not wait for each other', async () => {
	work = async (items) => (items.includes('hangs') ? await new Promise(() => undefined) : await Promise.resolve());
	void grouped.do('one', 'hangs');
	expect(await grouped.do('two', 'a')).toBe('A');
});

test('groups are limited in number and size, and an item beyond the size goes alone', async () => {
	await doAll('a', 'b', 'c', 'd');
	await doAll('big1', 'big2');
	expect(itemsOf()).toEqual([['a', 'b', 'c'], ['d'], ['big1'], ['big2']]);
});

test('items of the same identity follow each other', async () => {
	expect(await doAll('a', 'a', 'b')).toEqual(['A', 'A', 'B']);
	expect(itemsOf()).toEqual([['a', 'b'], ['a']]);
});

test('an item that cannot be done fails alone', async () => {
	work = async (items) => await (items.includes('bad') ? Promise.reject(new Error('no')) : Promise.resolve());
	const results = await Promise.allSettled(['a', 'bad', 'c'].map(async (item) => await grouped.do('k', item)));
	expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
	expect(itemsOf()).toEqual([['a', 'bad', 'c'], ['a'], ['bad'], ['c']]);
});

test('an item that is done alone, and hangs, does not hold the next group', async () => {
	work = async (items) => {
		if (items.length > 1) throw new Error('a lock is taken');
		if (items.includes('hangs')) await new Promise(() => undefined);
	};
	void grouped.do('k', 'hangs');
	expect(await grouped.do('k', 'a')).toBe('A');
	expect(await grouped.do('k', 'b')).toBe('B');
});

test('a database that is away fails them all, and nothing is done twice', async () => {
	work = async () => await Promise.reject(new TrufflesError('TRF_DB_UNREACHABLE', { detail: 'connection' }));
	const results = await Promise.allSettled(['a', 'b'].map(async (item) => await grouped.do('k', item)));
	expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
	expect(groups).toHaveLength(1);
});
