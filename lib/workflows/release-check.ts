import type { VersionRange } from './deploy-config';
import { isAtLeast } from './version-order';
import type { WorkflowProblem } from './workflow-file';

/** What one release needs of an instance, and what the instance says. Null: it could not be read. */
export interface ReleaseFacts {
	/** Version of the package these workflows were written for. */
	readonly wantedPackage: string;
	readonly instancePackage: string | null;
	/** Names of migrations of this release that the database lacks. */
	readonly pendingMigrations: readonly string[] | null;
	readonly n8nVersion: string | null;
}

interface ReleaseNeeds {
	readonly n8n: VersionRange;
	readonly package: boolean;
	readonly migrations: boolean;
}

const ORDER = 'Order of a release: 1. npm run migrate -- up, 2. the package in n8n, 3. npm run deploy-workflows.';

/**
 * Package version, migrations and workflows are one release: reasons why this one cannot go to this instance.
 * A newer package in the instance is fine: the package goes first, and it stays when workflows are rolled back.
 */
export function releaseProblems(facts: ReleaseFacts, needs: ReleaseNeeds): WorkflowProblem[] {
	const problems: WorkflowProblem[] = [];
	const report = (code: string, message: string): void => void problems.push({ code, key: null, message });
	const { n8nVersion, instancePackage, wantedPackage, pendingMigrations } = facts;
	const { from, below } = needs.n8n;
	const range = [...(from === undefined ? [] : [`>= ${from}`]), ...(below === undefined ? [] : [`< ${below}`])].join(
		' ',
	);
	if (n8nVersion !== null) {
		const tooOld = from !== undefined && !isAtLeast(n8nVersion, from);
		const tooNew = below !== undefined && isAtLeast(n8nVersion, below);
		if (tooOld || tooNew) report('n8n-version', `the instance runs n8n ${n8nVersion}; this environment takes ${range}`);
	}
	if (instancePackage !== null && !isAtLeast(instancePackage, wantedPackage))
		report(
			'package-version',
			`the instance has n8n-nodes-truffles ${instancePackage}; these workflows need ${wantedPackage}. ${ORDER}`,
		);
	if (instancePackage === null && needs.package)
		report(
			'package-unknown',
			"neither n8n nor the gateway tells which n8n-nodes-truffles is installed. Set EXTERNAL_HOOK_FILES to the package's front door, or install the package in n8n",
		);
	if (pendingMigrations !== null && pendingMigrations.length > 0)
		report('migrations-pending', `the database lacks ${pendingMigrations.join(', ')}. ${ORDER}`);
	if (pendingMigrations === null && needs.migrations)
		report(
			'migrations-unknown',
			'the migrations cannot be read. Set DATABASE_URL (or DATABASE_URL_<ENV>) to the database of this environment',
		);
	return problems;
}

/** One line about what belongs together, for the head of a plan. */
export function releaseLine(facts: ReleaseFacts): string {
	const pending = facts.pendingMigrations;
	const migrations = pending === null ? 'not read' : pending.length === 0 ? 'all applied' : `${pending.length} pending`;
	return `n8n ${facts.n8nVersion ?? 'unknown'}, package ${facts.instancePackage ?? 'unknown'} (needs ${facts.wantedPackage}), migrations ${migrations}`;
}
