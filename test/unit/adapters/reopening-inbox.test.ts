import { setTimeout as sleep } from 'node:timers/promises';

import type { InboxPump } from '../../../lib/adapters/inbox-pump';
import { ReopeningInbox } from '../../../lib/adapters/reopening-inbox';
import { TrufflesError } from '../../../lib/errors';

function pump(): { pump: InboxPump; stops: number[] } {
	const stops: number[] = [];
	return {
		stops,
		pump: {
			start: async () => undefined,
			stop: async (timeoutMs: number) => void stops.push(timeoutMs),
		} as unknown as InboxPump,
	};
}

test('a database that comes up later does not leave the trigger switched off', async () => {
	const opened = pump();
	let attempts = 0;
	const problems: unknown[] = [];
	const inbox = new ReopeningInbox(
		async () => {
			attempts += 1;
			if (attempts < 3) throw new TrufflesError('TRF_DB_UNREACHABLE', { detail: 'starting' });
			return opened.pump;
		},
		(error) => problems.push(error),
		5,
	);
	await inbox.start();
	await sleep(100);
	expect(attempts).toBe(3);
	expect(problems).toHaveLength(2);
	await inbox.stop(7);
	expect(opened.stops).toEqual([7]);
});

test('a wrong credential fails the activation, so that a person sees it', async () => {
	const inbox = new ReopeningInbox(
		async () => Promise.reject(new TrufflesError('TRF_MASTER_KEY_INVALID')),
		() => undefined,
		5,
	);
	await expect(inbox.start()).rejects.toMatchObject({ code: 'TRF_MASTER_KEY_INVALID' });
});

test('a stop while the database is away ends the attempts', async () => {
	let attempts = 0;
	const inbox = new ReopeningInbox(
		async () => {
			attempts += 1;
			throw new TrufflesError('TRF_DB_UNREACHABLE', { detail: 'away' });
		},
		() => undefined,
		5,
	);
	await inbox.start();
	await inbox.stop(0);
	const seen = attempts;
	await sleep(40);
	expect(attempts).toBe(seen);
});
