import { BlockList, isIP } from 'node:net';
import type { AddressRanges } from '../ports/address-ranges';

/** The settings of a client are one frozen object per version of its configuration, so the list is built once. */
const made = new WeakMap<readonly string[], AddressRanges>();

/**
 * Addresses and CIDR ranges of both families, on Node's own `BlockList`.
 *
 * @param ranges for example `31.13.24.0/21`, `2a03:2880::/32`, `203.0.113.7`; one that cannot be read is left out, so
 *        that it lets nobody in
 */
export function createAddressRanges(ranges: readonly string[]): AddressRanges {
	const known = made.get(ranges);
	if (known !== undefined) return known;
	const list = new BlockList();
	for (const range of ranges) addRange(list, range);
	const result: AddressRanges = {
		contains(address) {
			const family = familyOf(address);
			return family !== null && list.check(address, family);
		},
	};
	made.set(ranges, result);
	return result;
}

function addRange(list: BlockList, range: string): void {
	const [address = '', prefix] = range.split('/');
	const family = familyOf(address);
	if (family === null) return;
	if (prefix === undefined) return list.addAddress(address, family);
	const bits = /^\d{1,3}$/.test(prefix) ? Number(prefix) : -1;
	if (bits >= 0 && bits <= (family === 'ipv4' ? 32 : 128)) list.addSubnet(address, bits, family);
}

function familyOf(address: string): 'ipv4' | 'ipv6' | null {
	const version = isIP(address);
	if (version === 0) return null;
	return version === 4 ? 'ipv4' : 'ipv6';
}
