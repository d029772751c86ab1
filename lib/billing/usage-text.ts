import { divideHalfUp, formatDecimal, parseDecimal } from './decimal';
import { KZT_PLACES, USD_PLACES } from './price';
import type { Cost, UsageLine, UsageReport } from './usage-report';

const SHOWN_USD_PLACES = 6;
const SHOWN_KZT_PLACES = 2;
const NAME_WIDTH = 34;
const CALLS_WIDTH = 8;
const TOKENS_WIDTH = 14;
const MONEY_WIDTH = 13;
const THOUSANDS = /(\d)(?=(?:\d{3})+$)/g;

/** The report as people read it: a few lines, then calls by model and by purpose. Ends without a line break. */
export function formatUsage(report: UsageReport): string {
	const { turns, calls, tokens, strongestOnly: strong } = report;
	const failed = calls.failed === 0 ? '' : `, ${grouped(calls.failed)} of them failed`;
	const from =
		strong.addedRepliesFrom === 'assumed'
			? 'assumed, because no reply was paid this month'
			: "the mean of the month's paid replies";
	return [
		`${report.client}  ${report.month}  (${report.timeZone})`,
		'',
		`  messages              ${grouped(report.messages.in)} in, ${grouped(report.messages.out)} out`,
		`  turns                 ${grouped(turns.total)}: ${grouped(turns.answered)} answered, ${grouped(turns.handedOver)} handed over, ${grouped(turns.held)} held, ${grouped(turns.ignored)} ignored`,
		`  answered for nothing  ${grouped(turns.answeredWithoutModel)} (${percent(turns.shareWithoutModel)}) without a chat model`,
		`  conversations         ${grouped(report.conversations)}`,
		`  handovers             ${grouped(report.handovers)}`,
		`  model calls           ${grouped(calls.total)}${failed}`,
		`  tokens                ${grouped(tokens.input)} in (${grouped(tokens.cachedInput)} cached, ${grouped(tokens.cacheWrite)} written to caches), ${grouped(tokens.output)} out (${grouped(tokens.reasoning)} reasoning)`,
		'',
		`  cost                  ${money(report.cost)}`,
		`  per turn              ${money(report.costPerTurn)}`,
		`  per conversation      ${money(report.costPerConversation)}`,
		'',
		...table('by model', report.byModel),
		'',
		...table('by purpose', report.byPurpose),
		'',
		`  all on ${strong.model}: ${money({ usd: strong.costUsd, kzt: strong.costKzt })}; saved ${percent(strong.savedShare)}`,
		`  (the calls above at its price, and ${grouped(strong.addedReplies)} free replies at ${grouped(strong.addedReplyTokens.input)} + ${grouped(strong.addedReplyTokens.output)} tokens: ${from})`,
	].join('\n');
}

function table(title: string, lines: readonly UsageLine[]): string[] {
	const head = [
		`  ${title.padEnd(NAME_WIDTH)}`,
		'calls'.padStart(CALLS_WIDTH),
		'tokens in'.padStart(TOKENS_WIDTH),
		'tokens out'.padStart(TOKENS_WIDTH),
		'USD'.padStart(MONEY_WIDTH),
		'₸'.padStart(MONEY_WIDTH),
	].join('');
	if (lines.length === 0) return [head, '  none'];
	return [
		head,
		...lines.map((line) =>
			[
				`  ${line.name.padEnd(NAME_WIDTH)}`,
				grouped(line.calls).padStart(CALLS_WIDTH),
				grouped(line.inputTokens).padStart(TOKENS_WIDTH),
				grouped(line.outputTokens).padStart(TOKENS_WIDTH),
				rounded(line.usd, USD_PLACES, SHOWN_USD_PLACES).padStart(MONEY_WIDTH),
				rounded(line.kzt, KZT_PLACES, SHOWN_KZT_PLACES).padStart(MONEY_WIDTH),
			].join(''),
		),
	];
}

function money(cost: Cost | null): string {
	if (cost === null) return '-';
	return `$${rounded(cost.usd, USD_PLACES, SHOWN_USD_PLACES)}  =  ${rounded(cost.kzt, KZT_PLACES, SHOWN_KZT_PLACES)} ₸`;
}

function rounded(text: string, places: number, shown: number): string {
	const value = parseDecimal(text, places) ?? 0n;
	const [whole = '0', fraction = ''] = formatDecimal(divideHalfUp(value, 10n ** BigInt(places - shown)), shown).split(
		'.',
	);
	return `${whole.replace(THOUSANDS, '$1 ')}.${fraction}`;
}

function grouped(value: number): string {
	return String(value).replace(THOUSANDS, '$1 ');
}

function percent(value: number | null): string {
	return value === null ? '-' : `${(value * 100).toFixed(1)} %`;
}
