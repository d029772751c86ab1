import { askSalon } from './ask-salon';
import { checkPhone } from './check-flow';
import type { ClientAccess } from './client-access';
import { publishAgain } from './deploy-flow';
import { EXIT, StackProblem } from './stack-problem';

const TEXT = 'Здравствуйте! Вы до скольки работаете?';
const TIMEOUT_MS = 60_000;
/** Far longer than an answer takes, also on a machine that has just started everything. */
const FIRST_TIMEOUT_MS = 20_000;
/** The workflow whose trigger takes messages out of PostgreSQL. */
const INBOX_WORKFLOW = '2_Parse_Normalize';

/**
 * Sends one message through the whole flow. n8n tries to start a published trigger once; one that failed then (a wrong
 * credential, mended since) stays off though it is shown as published. So a message without outcome publishes the
 * trigger again before the check gives up.
 *
 * @returns how long the answer took, in milliseconds
 * @throws StackProblem (1) when the message is refused, gets no outcome, or its reply does not arrive
 */
export async function selfCheck(
	n8nUrl: string,
	webhookUrl: string,
	apiKey: string,
	client: ClientAccess,
): Promise<number> {
	let asked = await askSalon(webhookUrl, client, checkPhone(), TEXT, FIRST_TIMEOUT_MS);
	if (asked.kind === 'no_outcome') {
		await publishAgain(n8nUrl, apiKey, INBOX_WORKFLOW);
		asked = await askSalon(webhookUrl, client, checkPhone(), TEXT, TIMEOUT_MS);
	}
	if (asked.kind === 'refused')
		throw new StackProblem(`The self check failed: the gateway refused the message (${asked.problem}).`, EXIT.failed);
	if (asked.kind === 'no_outcome')
		throw new StackProblem(
			`The self check failed: the message got no outcome in ${asked.waitedMs / 1000} s. See logs/n8n.log in the state folder and the executions in n8n.`,
			EXIT.failed,
		);
	if (asked.result.delivery !== 'sent')
		throw new StackProblem(
			`The self check failed: the outcome was ${asked.result.outcome} and the reply was not delivered.`,
			EXIT.failed,
		);
	return asked.latencyMs;
}
