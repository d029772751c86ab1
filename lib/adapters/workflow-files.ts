import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseCredentialInventory, type NeededCredential } from '../workflows/credential-inventory';
import { parseWorkflowFile, type WorkflowFile, type WorkflowProblem } from '../workflows/workflow-file';

const INVENTORY_FILE = 'credentials.json';
/** A workflow is numbered: `3_WhatsApp_Adapter.json`. Other JSON in the folder (inventory, manifests) is not one. */
const WORKFLOW_FILE = /^\d+_\w+\.json$/;

export interface WorkflowFolder {
	readonly files: readonly WorkflowFile[];
	readonly inventory: readonly NeededCredential[];
	/** Everything that could not be read or parsed; when there is one, nothing may be deployed. */
	readonly problems: readonly WorkflowProblem[];
}

/** Names of the workflow files in a folder, in the order of their numbers. */
export async function listWorkflowFileNames(dir: string): Promise<string[]> {
	const names = (await readdir(dir)).filter((name) => WORKFLOW_FILE.test(name));
	return names.sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10) || (a < b ? -1 : 1));
}

/** Reads the workflows and the credential inventory of a folder; all problems together. */
export async function readWorkflowFolder(dir: string): Promise<WorkflowFolder> {
	const files: WorkflowFile[] = [];
	const problems: WorkflowProblem[] = [];
	for (const name of await listWorkflowFileNames(dir)) {
		const parsed = parseWorkflowFile(name, await readFile(join(dir, name), 'utf8'));
		if (parsed.ok) files.push(parsed.file);
		else problems.push(...parsed.problems);
	}
	if (files.length === 0 && problems.length === 0)
		problems.push({ code: 'folder-empty', key: null, message: 'the folder holds no workflow file' });
	const inventory = parseCredentialInventory(await readFile(join(dir, INVENTORY_FILE), 'utf8'));
	if (!inventory.ok) problems.push(...inventory.problems);
	return { files, inventory: inventory.ok ? inventory.credentials : [], problems };
}
