import { setTimeout as sleep } from 'node:timers/promises';
import { assertGatewayAnswers } from '../../lib/workflows/probe-gateway';
import type { WorkflowProblem } from '../../lib/workflows/workflow-file';
import { problemOf } from '../../lib/workflows/apply-release';
import type { DeployTarget } from './deploy-target';
import { hasGateway, runPlan, type Workflows } from './plan-and-apply';

const TIMEOUT_MS = 10_000;

/** Whether n8n says that it is ready to take requests. */
export async function isInstanceReady({ access }: DeployTarget): Promise<boolean> {
	const answer = await access.http.send({
		method: 'GET',
		url: `${access.baseUrl.replace(/\/+$/, '')}/healthz/readiness`,
		timeoutMs: TIMEOUT_MS,
	});
	return answer.ok && answer.response.status === 200;
}

/** A look from outside after a deploy: n8n is ready, everything is live as in the files, the gateway answers. */
export async function runSmoke(target: DeployTarget, workflows: Workflows): Promise<WorkflowProblem[]> {
	const problems: WorkflowProblem[] = [];
	if (!(await isInstanceReady(target)))
		problems.push({ code: 'smoke-readiness', key: null, message: 'n8n does not say that it is ready' });
	const { report } = await runPlan(target, workflows, [], false);
	if (report.result !== 'unchanged') {
		problems.push(...report.problems);
		for (const { key, action } of report.workflows)
			if (action !== 'unchanged')
				problems.push({ code: 'smoke-differs', key, message: 'it is not live as in its file' });
	}
	if (hasGateway(workflows)) {
		try {
			await assertGatewayAnswers(target.probe, {
				monotonicMs: () => performance.now(),
				sleep: async (ms) => void (await sleep(ms)),
			});
		} catch (error) {
			problems.push(problemOf(error));
		}
	}
	return problems;
}
