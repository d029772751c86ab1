import { NodeCrypto } from '../../../lib/adapters/node-crypto';
import { ClientKeyring, parseMasterKey } from '../../../lib/crypto/client-keys';
import { TrufflesError } from '../../../lib/errors';

const crypto = new NodeCrypto();
const CLIENT = '00000000-0000-4000-8000-000000000001';
const OTHER = '00000000-0000-4000-8000-000000000002';
const keyring = new ClientKeyring(crypto, Buffer.alloc(32, 7));
const wrapped = keyring.createDataKey(CLIENT).wrapped;
const key = keyring.unwrap(CLIENT, wrapped);
const otherKey = keyring.unwrap(OTHER, keyring.createDataKey(OTHER).wrapped);

function codeOf(work: () => unknown): string {
	try {
		work();
		return 'nothing thrown';
	} catch (error) {
		return error instanceof TrufflesError ? error.code : String(error);
	}
}

test('what was encrypted comes back, Kazakh letters and emoji included', () => {
	expect(key.decrypt(key.encrypt('Айгерім 💅', 'users.address'), 'users.address')).toBe('Айгерім 💅');
});

test('the same text never encrypts to the same bytes', () => {
	expect(key.encrypt('a', 'x').equals(key.encrypt('a', 'x'))).toBe(false);
});

test('the same address has different hashes for two clients and on two channels', () => {
	const hashes = [
		key.addressHash('whatsapp', '1'),
		otherKey.addressHash('whatsapp', '1'),
		key.addressHash('telegram', '1'),
	];
	expect(new Set(hashes).size).toBe(3);
	expect(keyring.unwrap(CLIENT, wrapped).addressHash('whatsapp', '1')).toBe(hashes[0]);
});

const sealed = key.encrypt('secret', 'client_secrets.a');
const unreadable = [
	{ name: 'another client cannot read a value', read: () => otherKey.decrypt(sealed, 'client_secrets.a') },
	{ name: 'a value moved to another place cannot be read', read: () => key.decrypt(sealed, 'client_secrets.b') },
	{
		name: 'a changed bit is noticed',
		read: () =>
			key.decrypt(
				Buffer.from(sealed.map((byte, i) => (i === sealed.length - 1 ? byte ^ 1 : byte))),
				'client_secrets.a',
			),
	},
	{ name: 'a truncated value is refused', read: () => key.decrypt(sealed.subarray(0, 20), 'client_secrets.a') },
	{ name: 'an empty value is refused', read: () => key.decrypt(Buffer.alloc(0), 'client_secrets.a') },
	{
		name: 'another master key opens nothing',
		read: () => new ClientKeyring(crypto, Buffer.alloc(32, 8)).unwrap(CLIENT, wrapped),
	},
	{ name: 'a data key moved to another client stays closed', read: () => keyring.unwrap(OTHER, wrapped) },
];
for (const { name, read } of unreadable) {
	test(name, () => expect(codeOf(read)).toBe('TRF_SECRET_UNREADABLE'));
}

test('a master key of another length is refused', () => {
	expect(codeOf(() => parseMasterKey(Buffer.alloc(31).toString('base64')))).toBe('TRF_MASTER_KEY_INVALID');
	expect(codeOf(() => parseMasterKey(''))).toBe('TRF_MASTER_KEY_INVALID');
	expect(parseMasterKey(Buffer.alloc(32, 1).toString('base64'))).toEqual(Buffer.alloc(32, 1));
});

test('ids are UUIDs of version 7 and grow with time', () => {
	const ids = Array.from({ length: 50 }, () => crypto.uuid());
	for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
	expect(new Set(ids).size).toBe(50);
	const [first, last] = [ids[0] ?? '', ids[49] ?? ''];
	expect(first.slice(0, 13) <= last.slice(0, 13)).toBe(true);
});
