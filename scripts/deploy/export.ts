import { readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createN8nReader } from '../../lib/adapters/n8n-api';
import { exportWorkflow } from '../../lib/workflows/export-workflow';
import { identifyWorkflows } from '../../lib/workflows/live-identity';
import { portableNames } from '../../lib/workflows/portable-workflow';
import { parseWorkflowFile, type WorkflowJson } from '../../lib/workflows/workflow-file';
import type { LiveWorkflow } from '../../lib/ports/n8n-api';
import { EXIT } from './deploy-exit';
import { printResult, talk, type OutputFlags } from './deploy-output';
import type { DeployTarget } from './deploy-target';

export interface ExportFlags extends OutputFlags {
	readonly only: readonly string[];
	readonly dir: string;
	readonly dryRun: boolean;
}

interface Exported {
	readonly key: string;
	readonly result: 'written' | 'unchanged' | 'would change';
}

/** Brings changes made in the editor back into the files: the saved draft, normalised, with keys and names for ids. */
export async function runExport(target: DeployTarget, flags: ExportFlags): Promise<number> {
	const reader = createN8nReader(target.access);
	const [workflows, credentials] = await Promise.all([reader.listWorkflows(), reader.listCredentials()]);
	const known = workflows.filter((workflow) => !workflow.isArchived);
	const all = identifyWorkflows([...new Set(known.map(({ name }) => name))], known, target.lockedIds);
	const names = portableNames(
		new Map([...all.byKey].map(([key, workflow]) => [workflow.id, key])),
		credentials,
		target.environment.credentials,
	);
	const wanted = identifyWorkflows(flags.only, known, target.lockedIds);
	const missing = flags.only.filter(
		(key) => !wanted.byKey.has(key) && !wanted.problems.some((problem) => problem.key === key),
	);
	const problems = [
		...wanted.problems,
		...missing.map((key) => ({ code: 'export-unknown', key, message: 'n8n has no workflow of this name' })),
	];
	const results: Exported[] = [];
	if (problems.length === 0) {
		for (const [key, live] of wanted.byKey) {
			if (live.activeVersionId !== null && live.activeVersionId !== live.versionId)
				talk(flags)(`${key}: the saved draft is exported; another version is live`);
			results.push({ key, result: await exportOne(key, live, names, flags) });
		}
	}
	printResult(
		{ env: target.environment.name, verb: 'export', workflows: results, problems },
		[
			...results.map(({ key, result }) => `${key} ${result}`),
			...problems.map((problem) => `! ${problem.key}: ${problem.message} [${problem.code}]`),
		],
		flags,
	);
	if (problems.length > 0) return EXIT.blocked;
	return flags.dryRun && results.some(({ result }) => result === 'would change') ? EXIT.pending : EXIT.done;
}

async function exportOne(
	key: string,
	live: LiveWorkflow,
	names: ReturnType<typeof portableNames>,
	{ dir, dryRun }: ExportFlags,
): Promise<Exported['result']> {
	const file = path.join(dir, `${key}.json`);
	const present = await readFile(file, 'utf8').catch(() => null);
	const parsed = present === null ? null : parseWorkflowFile(`${key}.json`, present);
	const json: WorkflowJson | null = parsed?.ok === true ? parsed.file.json : null;
	const text = exportWorkflow(live, names, json);
	if (text === present) return 'unchanged';
	if (dryRun) return 'would change';
	await writeFile(`${file}.tmp`, text);
	await rename(`${file}.tmp`, file);
	return 'written';
}
