import { TrufflesError } from '../errors';
import type { GatewayProbe } from '../ports/gateway-probe';

/** n8n registers the webhooks of a published workflow within a moment; after this long it does not any more. */
const PATIENCE_MS = 10_000;
const PAUSE_MS = 250;

export interface ProbeTools {
	readonly monotonicMs: () => number;
	readonly sleep: (ms: number) => Promise<void>;
}

/**
 * Makes sure that the gateway answers through the public address.
 * @throws TRF_DEPLOY_PROBE_FAILED with the last answer when it has not answered within ten seconds
 */
export async function assertGatewayAnswers(probe: GatewayProbe, { monotonicMs, sleep }: ProbeTools): Promise<void> {
	const endMs = monotonicMs() + PATIENCE_MS;
	for (;;) {
		const answer = await probe.ask();
		if (answer.kind === 'gateway') return;
		if (monotonicMs() >= endMs) throw new TrufflesError('TRF_DEPLOY_PROBE_FAILED', { problem: answer.problem });
		await sleep(PAUSE_MS);
	}
}
