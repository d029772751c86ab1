const POLL_MS = 50;
const ANSWER_TIMEOUT_MS = 2_000;
const TIMEOUT_MS = 60_000;

/** Waits until the gateway itself refuses a delivery without a secret; n8n's own answers are other ones. */
export async function waitForGateway(gatewayUrl: string): Promise<void> {
	const deadline = performance.now() + TIMEOUT_MS;
	let last = 'no answer';
	while (performance.now() < deadline) {
		const answer = await fetch(gatewayUrl, {
			method: 'POST',
			headers: { 'content-type': 'application/json' },
			body: '{}',
			signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
		}).catch(() => null);
		const text = answer === null ? '' : await answer.text().catch(() => '');
		if (text.includes('"TRF_')) return;
		if (answer !== null) last = String(answer.status);
		await new Promise((resolve) => setTimeout(resolve, POLL_MS));
	}
	throw new Error(`The gateway did not answer in ${TIMEOUT_MS / 1000} s (last: ${last}).`);
}
