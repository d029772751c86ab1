import { chooseSendMode, type SendMode } from '../../../lib/outbox/reply-window';
import type { ChannelCapabilities } from '../../../lib/ports/channel-sender';

const NOW = new Date('2026-11-21T06:00:00Z');
const HOUR_MS = 3_600_000;
const ago = (ms: number): Date => new Date(NOW.getTime() - ms);

const BRIDGE: ChannelCapabilities = { replyWindowMs: null, supportsTemplates: false };
const OFFICIAL: ChannelCapabilities = { replyWindowMs: 24 * HOUR_MS, supportsTemplates: true };
const SHORT: ChannelCapabilities = { replyWindowMs: HOUR_MS, supportsTemplates: false };

const CASES: ReadonlyArray<{
	name: string;
	author?: 'bot' | 'manager' | 'system';
	inbound: Date | null;
	written?: Date;
	channel?: ChannelCapabilities;
	hasTemplate?: boolean;
	expected: SendMode;
	why?: string;
}> = [
	{ name: 'an answer to a fresh message goes out', inbound: ago(1_000), expected: 'free' },
	{
		name: 'one millisecond before the day is over it still goes out',
		inbound: ago(24 * HOUR_MS - 1),
		expected: 'free',
	},
	{
		name: 'the exact end of the day is too late',
		inbound: ago(24 * HOUR_MS),
		expected: 'person',
		why: 'at the boundary the channel may refuse, and a refused reply is silence',
	},
	{
		name: 'a channel without a window gets no answer to a message of yesterday either',
		inbound: ago(30 * HOUR_MS),
		expected: 'person',
	},
	{
		name: 'with a template the answer goes inside it',
		inbound: ago(30 * HOUR_MS),
		channel: OFFICIAL,
		hasTemplate: true,
		expected: 'template',
	},
	{ name: 'a template that nobody named is none', inbound: ago(30 * HOUR_MS), channel: OFFICIAL, expected: 'person' },
	{
		name: 'a named template does not help on a channel without templates',
		inbound: ago(30 * HOUR_MS),
		hasTemplate: true,
		expected: 'person',
	},
	{ name: 'a shorter window of the channel counts', inbound: ago(2 * HOUR_MS), channel: SHORT, expected: 'person' },
	{
		name: 'a manager may write to a customer of yesterday where the channel has no window',
		author: 'manager',
		inbound: ago(30 * HOUR_MS),
		expected: 'free',
	},
	{
		name: "a manager's words keep to the window of the channel",
		author: 'manager',
		inbound: ago(30 * HOUR_MS),
		channel: OFFICIAL,
		expected: 'person',
	},
	{
		name: 'words that have waited in the outbox for a day are not sent as if they were new',
		author: 'manager',
		inbound: ago(30 * HOUR_MS),
		written: ago(25 * HOUR_MS),
		expected: 'person',
	},
	{ name: 'a customer who never wrote is reached where there is no window', inbound: null, expected: 'free' },
	{
		name: 'a customer who never wrote gets a template where there is one',
		inbound: null,
		channel: OFFICIAL,
		hasTemplate: true,
		expected: 'template',
	},
	{ name: 'a clock behind the channel closes nothing', inbound: ago(-5_000), channel: OFFICIAL, expected: 'free' },
];
test.each(CASES)(
	'$name',
	({ author = 'bot', inbound, written = NOW, channel = BRIDGE, hasTemplate = false, expected }) => {
		expect(chooseSendMode({ author, lastInboundAt: inbound, writtenAt: written }, channel, hasTemplate, NOW)).toBe(
			expected,
		);
	},
);
