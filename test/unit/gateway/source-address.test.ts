import { createAddressRanges } from '../../../lib/adapters/address-ranges';
import { type RequestOrigin, sourceAddress } from '../../../lib/gateway/source-address';

const SOCKET = '198.51.100.9';

const CASES: ReadonlyArray<{ name: string; given: Partial<RequestOrigin>; expected: string | null }> = [
	{ name: 'without a proxy the connection counts', given: {}, expected: SOCKET },
	{
		name: 'without a proxy a header that anybody can write counts for nothing',
		given: { forwardedFor: '31.13.24.1' },
		expected: SOCKET,
	},
	{
		name: 'behind one proxy the last entry counts',
		given: { forwardedFor: '31.13.24.1', proxyHops: 1 },
		expected: '31.13.24.1',
	},
	{
		name: 'behind one proxy what the sender wrote itself before it does not count',
		given: { forwardedFor: '31.13.24.1, 203.0.113.66', proxyHops: 1 },
		expected: '203.0.113.66',
	},
	{
		name: 'behind two proxies the last but one entry counts',
		given: { forwardedFor: '6.6.6.6, 31.13.24.1, 10.0.0.2', proxyHops: 2 },
		expected: '31.13.24.1',
	},
	{ name: 'a proxy that wrote nothing leaves the sender unknown', given: { proxyHops: 1 }, expected: null },
	{
		name: 'a chain shorter than our proxies leaves the sender unknown',
		given: { forwardedFor: '31.13.24.1', proxyHops: 2 },
		expected: null,
	},
	{ name: 'a connection that is gone has no address', given: { socketAddress: null }, expected: null },
	{ name: 'IPv4 inside IPv6 is IPv4', given: { socketAddress: '::ffff:203.0.113.7' }, expected: '203.0.113.7' },
	{ name: 'a zone is not part of the address', given: { socketAddress: 'fe80::1%eth0' }, expected: 'fe80::1' },
	{
		name: 'IPv6 with brackets and port',
		given: { forwardedFor: '[2a03:2880::1]:4711', proxyHops: 1 },
		expected: '2a03:2880::1',
	},
	{ name: 'IPv4 with port', given: { forwardedFor: '203.0.113.7:4711', proxyHops: 1 }, expected: '203.0.113.7' },
];
test.each(CASES)('$name', ({ given, expected }) => {
	expect(sourceAddress({ socketAddress: SOCKET, forwardedFor: null, proxyHops: 0, ...given })).toBe(expected);
});

const RANGES = ['31.13.24.0/21', '2a03:2880::/32', '203.0.113.7', '2001:db8::7'];
const MEMBERS: ReadonlyArray<{ address: string; expected: boolean }> = [
	{ address: '31.13.24.0', expected: true },
	{ address: '31.13.31.255', expected: true },
	{ address: '31.13.32.0', expected: false },
	{ address: '203.0.113.7', expected: true },
	{ address: '203.0.113.8', expected: false },
	{ address: '2a03:2880:f101:83:face:b00c:0:25de', expected: true },
	{ address: '2a03:2881::1', expected: false },
	{ address: '2001:db8::7', expected: true },
	{ address: '2001:0DB8:0:0:0:0:0:7', expected: true },
	{ address: '2001:db8::8', expected: false },
	{ address: '::ffff:31.13.24.5', expected: true },
	{ address: 'localhost', expected: false },
	{ address: '', expected: false },
];
test.each(MEMBERS)('"$address" among the allowed ranges: $expected', ({ address, expected }) => {
	expect(createAddressRanges(RANGES).contains(address)).toBe(expected);
});

test.each(['31.13.24.0/33', '2a03:2880::/129', '31.13.24.0/x', 'everywhere', '/8', ''])(
	'a range that cannot be read (%j) lets nobody in',
	(range) => {
		const ranges = createAddressRanges([range]);
		for (const address of ['31.13.24.1', '2a03:2880::1', '0.0.0.0']) expect(ranges.contains(address)).toBe(false);
	},
);
