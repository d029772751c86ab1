/**
 * Settings that n8n keeps when a write leaves them out (PUT merges, read in 2.40.5), with the value that means
 * "as if it were never set". A setting that a file no longer names is written back to this value.
 * Settings that are not listed here and not in the file belong to the instance (redaction floor, MCP, telemetry).
 */
export const NEUTRAL_SETTINGS: Readonly<Record<string, string | number | boolean>> = {
	callerIds: '',
	callerPolicy: 'workflowsFromSameOwner',
	errorWorkflow: 'DEFAULT',
	executionOrder: 'v1',
	executionTimeout: -1,
	saveDataErrorExecution: 'all',
	saveDataSuccessExecution: 'all',
	saveExecutionProgress: false,
	saveManualExecutions: true,
	timezone: 'DEFAULT',
};

type Settings = Readonly<Record<string, unknown>>;

/** The settings to write so that the live ones mean what `wanted` says: `wanted`, and neutral values for what is live only. */
export function settingsToWrite(wanted: Settings, live: Settings): Settings {
	const left = Object.keys(live).filter((name) => !(name in wanted) && name in NEUTRAL_SETTINGS);
	return { ...wanted, ...Object.fromEntries(left.map((name) => [name, NEUTRAL_SETTINGS[name]])) };
}
