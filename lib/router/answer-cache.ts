/** Exact answers of models, kept per client for an hour: the same question over the same knowledge is paid once. */
import type { Kv } from '../ports/kv';
import type { LlmMessage } from '../ports/llm';

export const ANSWER_TTL_MS = 60 * 60_000;

export interface AnswerKeyInput {
	readonly clientId: string;
	/** Grows with every change of settings, packs, prompts and knowledge, so old answers are never met again. */
	readonly configVersion: number;
	/** The chain's models, in order. */
	readonly models: readonly string[];
	readonly temperature: number | null;
	readonly maxOutputTokens: number;
	readonly purpose: string;
	readonly messages: readonly LlmMessage[];
}

/** Key of the answer to exactly these messages; one letter of difference, history included, is another key. */
export function answerKey(input: AnswerKeyInput, sha256Hex: (data: string) => string): string {
	const { clientId, configVersion, models, temperature, maxOutputTokens, purpose, messages } = input;
	const hash = sha256Hex(
		JSON.stringify([
			models,
			temperature,
			maxOutputTokens,
			purpose,
			messages.map(({ role, content }) => [role, content]),
		]),
	);
	return `answer:${clientId}:${configVersion}:${hash}`;
}

/** The kept answer, or null. */
export async function readAnswer(kv: Kv, key: string): Promise<string | null> {
	return await kv.get(key);
}

/** Keeps an answer. */
export async function keepAnswer(kv: Kv, key: string, text: string): Promise<void> {
	await kv.set(key, text, ANSWER_TTL_MS);
}
