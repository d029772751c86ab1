/** How a request came to us, as far as its address tells. */
export interface RequestOrigin {
	/** Address of the other end of the connection; null when it is gone already. */
	readonly socketAddress: string | null;
	/** X-Forwarded-For as it came; null when absent. */
	readonly forwardedFor: string | null;
	/** Number of reverse proxies of ours in front of n8n. */
	readonly proxyHops: number;
}

/**
 * The sender's address, in a form that can be compared with address ranges.
 *
 * Anybody can write an X-Forwarded-For. Only the entries that our own proxies have appended are true, and those are the
 * last ones: with `proxyHops` proxies the sender is that many places from the end. Without proxies the header counts
 * for nothing.
 *
 * @returns null when the chain is shorter than our proxies make it, or the entry is no address: then nobody knows
 */
export function sourceAddress({ socketAddress, forwardedFor, proxyHops }: RequestOrigin): string | null {
	const forwarded = (forwardedFor ?? '').split(',').map((entry) => entry.trim());
	const chain = [...(forwardedFor === null ? [] : forwarded), socketAddress ?? ''];
	return plainAddress(chain.at(-1 - proxyHops) ?? '');
}

/** Without port, brackets and zone; an IPv4 address inside IPv6 as IPv4. */
function plainAddress(text: string): string | null {
	const unbracketed = /^\[([^\]]+)\](?::\d+)?$/.exec(text)?.[1] ?? text;
	const withoutPort = /^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(unbracketed)?.[1] ?? unbracketed;
	const withoutZone = withoutPort.split('%')[0] ?? '';
	const address = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(withoutZone)?.[1] ?? withoutZone;
	return address === '' ? null : address;
}
