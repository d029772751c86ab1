import { randomInt } from 'node:crypto';

import { dialogueProblems, type Dialogue, type DialogueRow } from '../../lib/eval/dialogue-table';
import { askSalon } from '../stack/ask-salon';
import type { ClientAccess } from '../stack/client-access';
import { inParallel } from './in-parallel';
import { SandboxWorld } from './sandbox-world';

const WIDTH = 8;
const TURN_TIMEOUT_MS = 45_000;
const SETTLE_TIMEOUT_MS = 20_000;
const POLL_MS = 60;

export interface DialogueStack {
	readonly n8nUrl: string;
	readonly sandboxUrl: string;
	readonly client: ClientAccess;
}

export interface DialogueRowResult {
	readonly line: number;
	readonly says: string;
	readonly reply: string | null;
	readonly outcome: string | null;
	readonly problems: readonly string[];
}

export interface DialogueResult {
	readonly file: string;
	readonly title: string;
	readonly ok: boolean;
	readonly rows: readonly DialogueRowResult[];
}

/**
 * Plays conversations through a running stack, each as a new customer; rows of one conversation one after another,
 * several conversations at a time. A conversation ends at its first row that cannot be played.
 */
export async function runDialogues(
	stack: DialogueStack,
	dialogues: readonly Dialogue[],
	onResult: (result: DialogueResult) => void = () => undefined,
): Promise<DialogueResult[]> {
	const world = new SandboxWorld(stack.sandboxUrl);
	const base = randomInt(0, 900_000);
	return await inParallel(dialogues, WIDTH, async (dialogue, index) => {
		const phone = `+77017${String(base + index).padStart(6, '0')}`;
		const rows: DialogueRowResult[] = [];
		for (const row of dialogue.rows) {
			const result = await playRow(stack, world, phone, row).catch((error: unknown) => ({
				line: row.line,
				says: row.says,
				reply: null,
				outcome: null,
				problems: [error instanceof Error ? error.message : String(error)],
			}));
			rows.push(result);
			if (result.outcome === null) break;
		}
		const result = {
			file: dialogue.file,
			title: dialogue.title,
			ok: rows.every(({ problems }) => problems.length === 0),
			rows,
		};
		onResult(result);
		return result;
	});
}

async function playRow(
	stack: DialogueStack,
	world: SandboxWorld,
	phone: string,
	row: DialogueRow,
): Promise<DialogueRowResult> {
	const base = { line: row.line, says: row.says, reply: null, problems: [] };
	if (row.kind === 'manager') {
		const notice = await world.noticeAbout(phone);
		await world.answer(notice, row.says);
		await handoverBecomes(stack.client, notice, 'active');
		return { ...base, outcome: 'manager' };
	}
	if (row.kind === 'resolve') {
		const notice = await world.noticeAbout(phone);
		await world.press(notice, 'Решено');
		await handoverBecomes(stack.client, notice, 'resolved');
		return { ...base, outcome: 'resolved' };
	}
	const asked = await askSalon(stack.n8nUrl, stack.client, phone, row.says, TURN_TIMEOUT_MS);
	if (asked.kind === 'refused') throw new Error(`the gateway refused it (${asked.problem})`);
	if (asked.kind === 'no_outcome') throw new Error(`no outcome within ${TURN_TIMEOUT_MS / 1000} s`);
	const { outcome, reply } = asked.result;
	return { ...base, outcome, reply, problems: dialogueProblems(row, { outcome, reply }) };
}

/** Waits until the handover behind a notice has the status: the manager's act has arrived. */
async function handoverBecomes(client: ClientAccess, notice: number, status: 'active' | 'resolved'): Promise<void> {
	const deadline = performance.now() + SETTLE_TIMEOUT_MS;
	for (;;) {
		const { rows } = await client.db.asClient(client.clientId, (tx) =>
			tx.query<{ status: string }>('select status from handovers where client_id = $1 and notice_message_id = $2', [
				client.clientId,
				String(notice),
			]),
		);
		if (rows[0]?.status === status) return;
		if (performance.now() > deadline) throw new Error(`the manager's act had no effect (handover not ${status})`);
		await new Promise((resolve) => setTimeout(resolve, POLL_MS));
	}
}
