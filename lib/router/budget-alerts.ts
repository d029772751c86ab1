/** Tells people that a client's model budget is nearly or wholly used up. */
import { ERRORS, type ErrorCode, formatError } from '../errors';
import type { HandoverPorts } from '../handover/handover-ports';
import { notifyManagers } from '../handover/notify-managers';
import type { BudgetAlert } from '../ports/billing-ledger';
import { formatTiyn } from '../reply/money-text';
import type { HandoverSettings } from '../tenant/client-settings';
import { text } from '../texts/text-catalogue';

export interface AlertedClient {
	readonly id: string;
	readonly slug: string;
	readonly name: string;
	readonly handover: HandoverSettings | undefined;
}

/** The error that stands in `error_logs` for an alert. */
export function alertCode({ level }: BudgetAlert): ErrorCode {
	return level === 100 ? 'TRF_BUDGET_REACHED' : 'TRF_BUDGET_ALMOST_REACHED';
}

/** What the managers read, plain text. */
export function alertText(alert: BudgetAlert, clientName: string): string {
	return text('ru', alert.level === 100 ? 'budget_reached' : 'budget_almost_reached', {
		client: clientName,
		spent: formatTiyn(alert.spentTiyn),
		limit: formatTiyn(alert.limitTiyn),
		period: text('ru', alert.period === 'day' ? 'budget_period_day' : 'budget_period_month'),
	});
}

/**
 * Writes each alert to `error_logs` and sends it to the client's managers. Never throws.
 *
 * That an alert comes once per period is the ledger's promise. Only the higher level of one period is sent, so that one
 * dear call does not send two messages.
 */
export async function reportBudgetAlerts(
	ports: HandoverPorts,
	client: AlertedClient,
	alerts: readonly BudgetAlert[],
): Promise<void> {
	for (const alert of alerts) {
		const code = alertCode(alert);
		const { period, spentTiyn: spent, limitTiyn: limit } = alert;
		await ports.db
			.query('select truffles.write_error_log($1, $2, $3, $4, $5, $6, $7, $8)', [
				client.id,
				'6_GenerateResponse',
				'Model budget',
				code,
				ERRORS[code].family,
				formatError(code, { client: client.slug, period, spent, limit }),
				null,
				null,
			])
			.catch(() => undefined);
		const isOutdone = alerts.some((other) => other.period === period && other.level > alert.level);
		if (isOutdone || client.handover === undefined) continue;
		await notifyManagers(ports, client.id, client.handover, {
			text: alertText(alert, client.name),
			buttons: [],
			inReplyTo: null,
			event: { event: 'budget', client: client.slug, period, level: alert.level, spentTiyn: spent, limitTiyn: limit },
		}).catch(() => undefined);
	}
}
