import { deployReportMarkdown, deployReportText } from '../../lib/workflows/deploy-text';
import type { DeployReport } from '../../lib/workflows/deploy-report';

export interface OutputFlags {
	readonly json: boolean;
	readonly markdown?: boolean;
	readonly quiet: boolean;
}

/** One line of talk, on stderr. */
export function talk({ quiet }: Pick<OutputFlags, 'quiet'>): (line: string) => void {
	return (line) => {
		if (!quiet) console.error(line);
	};
}

/** The result, on stdout. `head` says what it is about. */
export function printReport(
	report: DeployReport,
	head: { env: string; verb: string; line: string },
	flags: OutputFlags,
): void {
	const { env, verb, line } = head;
	if (flags.json) console.log(JSON.stringify({ env, verb, ...report }, null, 2));
	else if (flags.markdown === true) console.log(deployReportMarkdown(report, `Workflows: ${verb} for ${env}`));
	else {
		if (line !== '') console.log(`${verb} ${env}  ${line}`);
		console.log(deployReportText(report));
	}
}

/** A result without a text form of its own. */
export function printResult(result: unknown, lines: readonly string[], { json }: Pick<OutputFlags, 'json'>): void {
	console.log(json ? JSON.stringify(result, null, 2) : lines.join('\n'));
}
