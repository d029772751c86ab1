import { collectWorkflowReferences } from './references';
import type { WorkflowFile } from './workflow-file';

export type PublishOrder =
	| { readonly kind: 'ordered'; readonly keys: readonly string[] }
	/** The workflows that call each other in a circle (and those that only wait for them). */
	| { readonly kind: 'cycle'; readonly keys: readonly string[] };

/**
 * The order in which workflows are saved and published: what is called comes before what calls it, and a workflow
 * that answers a webhook comes last, so that no request meets a half-published flow.
 *
 * References to workflows outside `files` do not count. Within these rules higher numbers come first, because the
 * numbers follow the way of a message. The order does not depend on the order of `files`.
 */
export function publishOrder(files: readonly WorkflowFile[]): PublishOrder {
	const waitsFor = new Map<string, Set<string>>();
	const known = new Set(files.map((file) => file.key));
	for (const { key, json } of files) {
		const called = collectWorkflowReferences(json).map((reference) => reference.key);
		waitsFor.set(key, new Set(called.filter((other) => known.has(other))));
	}
	const candidates = [...files].sort(
		(a, b) =>
			Number(hasWebhook(a)) - Number(hasWebhook(b)) || numberOf(b.key) - numberOf(a.key) || (a.key < b.key ? -1 : 1),
	);
	const keys: string[] = [];
	while (candidates.length > 0) {
		const next = candidates.findIndex(({ key }) =>
			[...(waitsFor.get(key) ?? [])].every((other) => keys.includes(other)),
		);
		if (next === -1) return { kind: 'cycle', keys: candidates.map((file) => file.key) };
		keys.push(...candidates.splice(next, 1).map((file) => file.key));
	}
	return { kind: 'ordered', keys };
}

function hasWebhook(file: WorkflowFile): boolean {
	return file.json.nodes.some((node) => typeof node.webhookId === 'string');
}

function numberOf(key: string): number {
	const digits = /^\d+/.exec(key);
	return digits === null ? 0 : Number(digits[0]);
}
