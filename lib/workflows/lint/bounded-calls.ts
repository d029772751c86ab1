import { isJsonObject, type WorkflowNode } from '../workflow-file';
import { perNode } from './lint-rule';
import { EXECUTE_WORKFLOW, HTTP_REQUEST, isTrigger, leavesProcess, trufflesType } from './node-kinds';

const MAX_TIMEOUT_MS = 120_000;
const MIN_TRIES = 2;
const MAX_TRIES = 5;

/** Why a node of ours needs neither a time limit nor a retry in the workflow. */
const BOUNDED_BY_ITSELF: Readonly<Record<string, string>> = {
	billingLog: 'one database statement under the pool’s limit; a bill that cannot be written waits in the journal',
	channelSend: 'the channel’s time limit; the outbox repeats',
	handoverAdapter: 'the adapter’s time limit; a notice that fails stays pending and is repeated',
	kaspiMatch: 'one database transaction under the pool’s limit',
	modelRouter: 'a time limit per attempt and for the chain; breakers; the fallback chain',
	ragSearch: 'time limits of Qdrant and embeddings; the lexical engine',
	replyComposer: 'one database transaction under the pool’s limit',
	replyGuard: 'one database transaction under the pool’s limit',
	trufflesChannelInput: 'time and size limits of a download',
	trufflesClassifyIntent: 'the router’s limits; local recognition',
	trufflesConversation: 'one database transaction under the pool’s limit; the inbox repeats the turn',
	trufflesErrorLog: 'one database statement under the pool’s limit; retried by n8n',
};

/** Nodes that repeat by themselves, with a key: n8n's own retry would run the items that succeeded once more. */
const NEVER_RETRIED: ReadonlySet<string | null> = new Set(['channelSend', 'handoverAdapter', 'modelRouter']);

function hasRetry(node: WorkflowNode): boolean {
	const tries = node.maxTries ?? 3;
	return node.retryOnFail === true && typeof tries === 'number' && tries >= MIN_TRIES && tries <= MAX_TRIES;
}

function timeoutMs({ parameters: { options } }: WorkflowNode): number | null {
	const value = isJsonObject(options) ? options.timeout : undefined;
	return typeof value === 'number' && value > 0 && value <= MAX_TIMEOUT_MS ? value : null;
}

/** A call without a limit holds a turn, its lease and an execution for as long as the other side likes. */
export const boundedCalls = perNode({
	code: 'bounded-calls',
	line: 'Every node that leaves the process has a limit: an HTTP Request a timeout of at most two minutes, others a timeout or 2 to 5 tries; our own nodes have theirs inside and, where they send or pay, must not be retried by n8n. Anything else says why with `lint-ignore`.',
	check: (node, report) => {
		if (node.disabled === true || isTrigger(node) || !leavesProcess(node) || node.type === EXECUTE_WORKFLOW) return;
		const ours = trufflesType(node);
		if (NEVER_RETRIED.has(ours) && node.retryOnFail === true)
			return report('repeats by itself; with retryOnFail what succeeded would be sent or paid again. Remove it');
		if (node.retryOnFail === true && !hasRetry(node)) return report(`maxTries must be ${MIN_TRIES} to ${MAX_TRIES}`);
		if (ours !== null) {
			if (!(ours in BOUNDED_BY_ITSELF))
				report('is not known to have a limit; say in lib/workflows/lint/bounded-calls.ts what bounds it');
		} else if (node.type === HTTP_REQUEST) {
			if (timeoutMs(node) === null)
				report(`has no timeout (n8n waits five minutes); set options.timeout to at most ${MAX_TIMEOUT_MS} ms`);
		} else if (timeoutMs(node) === null && !hasRetry(node))
			report('has neither a timeout nor a retry; set one, or say why not with lint-ignore');
	},
});
