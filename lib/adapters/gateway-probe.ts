import type { GatewayProbe } from '../ports/gateway-probe';
import type { Http } from '../ports/http';

/** A client with this name cannot be onboarded: names have no dots. So the answer is the gateway's refusal. */
const PROBE_PATH = '/webhook/in/whatsapp/deploy.probe';
/** Asks the front door (`hooks/front-door.ts`) for the version of the package that answers. */
export const PROBE_HEADER = 'x-truffles-probe';
export const PACKAGE_HEADER = 'x-truffles-package';
const TIMEOUT_MS = 10_000;

/**
 * Asks through the address that channels use. The gateway refuses a stranger with 401 or 404 and a coded error of ours;
 * n8n's own 404 ("webhook is not registered"), a proxy's page, 5xx and silence mean that no message would arrive.
 *
 * @param publicUrl address without a path, for example `https://hooks.example.com`
 */
export function createGatewayProbe(http: Http, publicUrl: string): GatewayProbe {
	return {
		async ask() {
			const result = await http.send({
				method: 'POST',
				url: `${publicUrl.replace(/\/+$/, '')}${PROBE_PATH}`,
				headers: { 'content-type': 'application/json', [PROBE_HEADER]: '1' },
				body: '{}',
				timeoutMs: TIMEOUT_MS,
			});
			if (!result.ok) return { kind: 'none', problem: `no answer (${result.failure.detail})` };
			const { status, bodyText, headers } = result.response;
			const isOurs = /"code":\s*"TRF_[A-Z_]+"/.test(bodyText);
			if (isOurs && (status === 401 || status === 404))
				return { kind: 'gateway', packageVersion: headers[PACKAGE_HEADER] ?? null };
			const who = isOurs ? 'the gateway' : 'something else than the gateway';
			return { kind: 'none', problem: `${who} answered ${status}` };
		},
	};
}
