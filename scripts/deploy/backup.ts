import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createN8nReader } from '../../lib/adapters/n8n-api';
import { exportWorkflow } from '../../lib/workflows/export-workflow';
import type { NeededCredential } from '../../lib/workflows/credential-inventory';
import { portableNames } from '../../lib/workflows/portable-workflow';
import { locateStateFolder } from '../stack/state-folder';
import type { DeployTarget } from './deploy-target';

/** A workflow of ours by its name: `3_WhatsApp_Adapter`. */
const OURS = /^\d+_\w+$/;

/**
 * Writes the live workflows of an environment into a folder that `--dir` can deploy from.
 * @returns the folder
 */
export async function backUpWorkflows(
	target: DeployTarget,
	inventory: readonly NeededCredential[],
	now: Date,
): Promise<string> {
	const reader = createN8nReader(target.access);
	const [workflows, credentials] = await Promise.all([reader.listWorkflows(), reader.listCredentials()]);
	const ours = workflows.filter(({ name, isArchived }) => OURS.test(name) && !isArchived);
	const names = portableNames(
		new Map(ours.map(({ id, name }) => [id, name])),
		credentials,
		target.environment.credentials,
	);
	const stamp = now.toISOString().replace(/[-:]|\.\d+/g, '');
	const dir = path.join(locateStateFolder(process.env).home, 'backups', target.environment.name, stamp);
	await mkdir(dir, { recursive: true, mode: 0o700 });
	for (const live of ours) {
		// What is live, so that deploying the folder brings back what ran.
		const text = exportWorkflow({ ...live, body: live.activeBody ?? live.body }, names, null);
		await writeFile(path.join(dir, `${live.name}.json`), text);
	}
	await writeFile(path.join(dir, 'credentials.json'), `${JSON.stringify({ credentials: inventory }, null, 2)}\n`);
	return dir;
}
