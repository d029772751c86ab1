/** Commits of the sending transactions whose answer is lost: PostgreSQL has done it, the connection is gone, nobody died. */
import { createGroupedSteps } from '../../lib/adapters/grouped-steps';
import { createPgDb, type PgDb } from '../../lib/adapters/pg-db';
import { systemClock } from '../../lib/adapters/system-clock';
import { openTurn } from '../../lib/conversation/open-turn';
import { claimOutbox, claimTurns, type DueOutbox } from '../../lib/inbox/inbox-store';
import type { TurnItem } from '../../lib/item/turn-item';
import { deliverOutbox, deliverReply, type DeliveryPorts } from '../../lib/outbox/deliver';
import type { ChannelSender } from '../../lib/ports/channel-sender';
import { DEFAULT_DELIVERY } from '../../lib/tenant/delivery-settings';
import { openPgLine, type PgLine } from '../../scripts/chaos/world/pg-line';
import { InboxFixture, readableKey } from '../support/inbox-fixture';

let fixture: InboxFixture;
let line: PgLine;
let db: PgDb;
let sent: string[];
/** The answer to the commit of a transaction with such a statement is lost, once; then so many statements do not arrive. */
let lost: { readonly part: string; readonly awayFor: number } | null;
/** So many of the statements with this do not reach the server. */
let cut: { readonly part: string; times: number } | null;
let whileAway: () => Promise<void>;

beforeEach(async () => {
	fixture = await InboxFixture.start(1);
	sent = [];
	lost = null;
	cut = null;
	whileAway = async () => undefined;
	line = await openPgLine(fixture.appUrl, {
		onStatement: (text) => cut !== null && text.includes(cut.part) && cut.times-- > 0,
		onAnswer: ({ committed }) => {
			const found = lost;
			if (found === null || !committed.some(({ text }) => text.includes(found.part))) return false;
			lost = null;
			cut = { part: 'begin', times: found.awayFor };
			return true;
		},
	});
	db = createPgDb({ connectionString: line.url, applicationName: 'test-line' });
});
afterEach(async () => {
	await db.close();
	await line.close();
	await fixture.stop();
});

const REPLY_WRITTEN = 'truffles.write_replies($1';
const SENDING_STARTED = 'update outbox set started_attempt';

function ports(): DeliveryPorts {
	const sender: ChannelSender = {
		capabilities: { replyWindowMs: null, supportsTemplates: false },
		sendText: async ({ text }) => {
			sent.push(text);
			return await Promise.resolve({ kind: 'sent', providerMessageId: `P${sent.length}` });
		},
	};
	return {
		...createGroupedSteps(db, () => readableKey),
		db,
		clock: systemClock,
		sleep: async () => await whileAway(),
		deliverySettingsFor: async () => await Promise.resolve(DEFAULT_DELIVERY),
		senderFor: async () => await Promise.resolve(sender),
		decryptAddress: async (_clientId, sealed) => await Promise.resolve(sealed.toString('utf8')),
	};
}

async function answeredTurn(): Promise<TurnItem> {
	await fixture.receive('Сколько стоит стрижка?');
	const [claim] = await claimTurns(fixture.app, 1, 60_000);
	if (claim === undefined) throw new Error('nothing was due');
	const opened = await fixture.app.asClient(claim.clientId, async (tx) => await openTurn(tx, claim, () => readableKey));
	if (opened.kind !== 'ready') throw new Error(`the turn is ${opened.kind}`);
	return {
		...opened.item,
		reply: { text: 'Стрижка — 8 000 ₸.', language: 'ru', source: 'facts', facts: [], guard: null, rewrites: 0 },
	};
}

async function queuedReply(): Promise<DueOutbox> {
	const item = await answeredTurn();
	await deliverReply({ ...ports(), senderFor: async () => await Promise.reject(new Error('away')) }, item);
	await fixture.admin.query(
		`update outbox set status = 'queued', next_attempt_at = now(), attempts = 1, started_attempt = 1`,
	);
	const [due] = await claimOutbox(fixture.app, 1, 60_000);
	if (due === undefined) throw new Error('nothing to send');
	return due;
}

const outbox = async (): Promise<unknown> => (await fixture.admin.query('select status, attempts from outbox')).rows;

test('a reply that is written, though nobody was told, is sent, once', async () => {
	const item = await answeredTurn();
	lost = { part: REPLY_WRITTEN, awayFor: 0 };
	expect(await deliverReply(ports(), item)).toEqual({ kind: 'sent', outcome: { kind: 'answered', reason: 'facts' } });
	expect(sent).toEqual(['Стрижка — 8 000 ₸.']);
	expect(await outbox()).toEqual([{ status: 'sent', attempts: 1 }]);
	expect(await fixture.count('handovers')).toBe(0);
});

test('a reply that is written stays to be sent while the database is away longer', async () => {
	const item = await answeredTurn();
	lost = { part: REPLY_WRITTEN, awayFor: 3 };
	let waits = 0;
	whileAway = async () => {
		waits += 1;
		return await Promise.resolve();
	};
	expect(await deliverReply(ports(), item)).toMatchObject({ kind: 'sent' });
	expect(waits).toBe(3);
	expect(sent).toHaveLength(1);
});

test('a reply that was not written is not sent: the turn fails and is repeated', async () => {
	const item = await answeredTurn();
	cut = { part: 'commit', times: 1 };
	await expect(deliverReply(ports(), item)).rejects.toMatchObject({ code: 'TRF_DB_UNREACHABLE' });
	expect(sent).toEqual([]);
	expect(await outbox()).toEqual([]);
	expect(await fixture.count('turns', 'outcome is null')).toBe(1);
});

test('a person who takes over while the database is away is not talked over', async () => {
	const item = await answeredTurn();
	lost = { part: REPLY_WRITTEN, awayFor: 1 };
	whileAway = async () => {
		await fixture.admin.query('update conversations set human_active_since = now()');
	};
	expect(await deliverReply(ports(), item)).toMatchObject({ kind: 'not_sent', code: 'human_took_over' });
	expect(sent).toEqual([]);
	expect(await outbox()).toEqual([{ status: 'cancelled', attempts: 1 }]);
});

test('a reply that somebody else has taken meanwhile is theirs', async () => {
	const item = await answeredTurn();
	lost = { part: REPLY_WRITTEN, awayFor: 1 };
	whileAway = async () => {
		await fixture.admin.query('update outbox set attempts = 2');
	};
	await expect(deliverReply(ports(), item)).rejects.toMatchObject({ code: 'TRF_DB_UNREACHABLE' });
	expect(sent).toEqual([]);
});

test('a message of the outbox whose start is noted, though nobody was told, is sent, once', async () => {
	const due = await queuedReply();
	lost = { part: SENDING_STARTED, awayFor: 0 };
	expect(await deliverOutbox(ports(), due)).toEqual({ kind: 'sent' });
	expect(sent).toHaveLength(1);
	expect(await fixture.count('outbox', `status = 'sent'`)).toBe(1);
});
