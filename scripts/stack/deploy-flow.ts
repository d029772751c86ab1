import { FetchHttp } from '../../lib/adapters/fetch-http';
import { sha256Hex } from '../../lib/adapters/migrate-database';
import { createN8nApi } from '../../lib/adapters/n8n-api';
import { createDeployStore } from '../../lib/adapters/n8n-deploy-store';
import { readWorkflowFolder } from '../../lib/adapters/workflow-files';
import { applyRelease } from '../../lib/workflows/apply-release';
import { deployTools, newDeployId } from '../deploy/deploy-tools';
import { releaseOf, WORKFLOWS_FOLDER } from '../deploy/git-release';
import { EXIT, StackProblem } from './stack-problem';

/**
 * Brings the repository's workflows into n8n and publishes them. The stack is this machine's own: edits made in its
 * editor are replaced, and the message that the start sends afterwards is its check.
 * @returns how many are there and how many writing calls it took (0 when nothing changed)
 * @throws StackProblem (1) with all problems
 */
export async function deployFlow(n8nUrl: string, apiKey: string): Promise<{ workflows: number; writes: number }> {
	const folder = await readWorkflowFolder(WORKFLOWS_FOLDER);
	const access = { http: new FetchHttp(), baseUrl: n8nUrl, apiKey };
	const release = releaseOf(WORKFLOWS_FOLDER);
	const report =
		folder.problems.length > 0
			? { result: 'blocked' as const, problems: folder.problems, workflows: [], writes: 0 }
			: await applyRelease({
					...deployTools(() => undefined),
					api: createN8nApi(access),
					store: createDeployStore(access),
					source: { files: folder.files, inventory: folder.inventory, overwrite: 'all', sha256: sha256Hex },
					release,
					deployId: newDeployId(release.name, new Date()),
					probe: null,
					// The start holds a lock of its own on this state folder: any other lock was left behind.
					takeOver: true,
				});
	if (report.result === 'done' || report.result === 'unchanged')
		return { workflows: report.workflows.length, writes: report.writes };
	const lines = report.problems.map((problem) => `- ${problem.key ?? 'n8n'}: ${problem.message}`);
	throw new StackProblem(`The workflows could not be deployed (${report.result}):\n${lines.join('\n')}`, EXIT.failed);
}

/** Publishes the live version of one workflow once more, which makes n8n start its trigger anew. */
export async function publishAgain(n8nUrl: string, apiKey: string, workflowName: string): Promise<void> {
	const api = createN8nApi({ http: new FetchHttp(), baseUrl: n8nUrl, apiKey });
	for (const { name, id, activeVersionId } of await api.listWorkflows()) {
		if (name !== workflowName || activeVersionId === null) continue;
		await api.publishWorkflow(id, {
			versionId: activeVersionId,
			name: 'trigger started anew',
			description: 'The trigger took no messages.',
		});
	}
}
