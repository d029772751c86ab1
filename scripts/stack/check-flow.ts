import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { askSalon } from './ask-salon';
import type { ClientAccess } from './client-access';
import { StackProblem } from './stack-problem';
import { REPOSITORY } from './state-folder';

/** One message of `demo/demo_salon/check.yaml` and what must come back. */
export interface CheckMessage {
	readonly text: string;
	/** `answered`, `handed_over`, ... */
	readonly outcome: string;
	/** Each must occur in the reply; spaces of any kind count alike. */
	readonly contains?: readonly string[];
	/** `ru` or `kk`: language of the customer's text as recognised. */
	readonly language?: string;
}

export interface CheckResult {
	readonly text: string;
	readonly ok: boolean;
	/** What is wrong; empty when ok. */
	readonly problems: readonly string[];
	readonly reply: string | null;
	readonly outcome: string | null;
	readonly latencyMs: number | null;
}

const TIMEOUT_MS = 45_000;

/** Reads the demo's check messages. */
export function loadCheckMessages(): readonly CheckMessage[] {
	const file = path.join(REPOSITORY, 'demo', 'demo_salon', 'check.yaml');
	const data = parse(readFileSync(file, 'utf8')) as { messages?: readonly CheckMessage[] } | null;
	if (!Array.isArray(data?.messages) || data.messages.length === 0)
		throw new StackProblem(`${file} holds no messages.`);
	return data.messages as readonly CheckMessage[];
}

/** A phone nobody has: the Kazakh number range 700 7 is used for checks only. */
export function checkPhone(): string {
	return `+77007${String(randomInt(0, 1_000_000)).padStart(6, '0')}`;
}

/** Sends each message as the very first one of a new customer, one after another. */
export async function runCheckMessages(
	webhookUrl: string,
	client: ClientAccess,
	messages: readonly CheckMessage[],
	onResult: (result: CheckResult) => void,
): Promise<CheckResult[]> {
	const results: CheckResult[] = [];
	for (const message of messages) {
		const asked = await askSalon(webhookUrl, client, checkPhone(), message.text, TIMEOUT_MS);
		const base = { text: message.text, reply: null, outcome: null, latencyMs: null };
		const result: CheckResult =
			asked.kind === 'refused'
				? { ...base, ok: false, problems: [`the gateway refused it (${asked.problem})`] }
				: asked.kind === 'no_outcome'
					? { ...base, ok: false, problems: [`no outcome after ${asked.waitedMs / 1000} s`] }
					: {
							...base,
							...judge(message, asked.result),
							reply: asked.result.reply,
							outcome: asked.result.outcome,
							latencyMs: asked.latencyMs,
						};
		results.push(result);
		onResult(result);
	}
	return results;
}

/** Compares one outcome with what the message must get. */
export function judge(
	message: CheckMessage,
	result: {
		readonly reply: string | null;
		readonly outcome: string;
		readonly delivery: string | null;
		readonly language: string | null;
	},
): { ok: boolean; problems: string[] } {
	const problems: string[] = [];
	if (result.outcome !== message.outcome) problems.push(`outcome is ${result.outcome}, expected ${message.outcome}`);
	if (result.delivery !== 'sent') problems.push(`the reply was not delivered (${result.delivery ?? 'no reply'})`);
	if (message.language !== undefined && result.language !== message.language)
		problems.push(`language is ${result.language ?? 'unknown'}, expected ${message.language}`);
	const reply = plainSpaces(result.reply ?? '');
	for (const part of message.contains ?? []) {
		if (!reply.includes(plainSpaces(part))) problems.push(`the reply lacks "${part}"`);
	}
	return { ok: problems.length === 0, problems };
}

/** Prices are written with narrow or no-break spaces; the check does not care which. */
function plainSpaces(text: string): string {
	return text.replace(/\s/gu, ' ').toLowerCase();
}
