import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { parseCredentialInventory, type NeededCredential } from '../../lib/workflows/credential-inventory';
import type { ReleaseOrigin } from '../../lib/workflows/apply-release';
import { parseWorkflowFile, type WorkflowFile, type WorkflowProblem } from '../../lib/workflows/workflow-file';
import { REPOSITORY } from '../stack/state-folder';

const WORKFLOWS_DIR = 'workflows';
/** The workflow folder of this repository. */
export const WORKFLOWS_FOLDER = path.join(REPOSITORY, WORKFLOWS_DIR);
const MAX_FILE_BYTES = 16 * 1024 * 1024;

function git(...args: string[]): string {
	return execFileSync('git', args, {
		cwd: REPOSITORY,
		encoding: 'utf8',
		maxBuffer: MAX_FILE_BYTES,
		stdio: ['ignore', 'pipe', 'ignore'],
	});
}

/**
 * The version's name in n8n's history is the commit it comes from, so that a live version leads back to the source.
 * Another folder than the repository's own (a backup, say) comes from no commit.
 */
export function releaseOf(folder: string): ReleaseOrigin {
	if (path.resolve(folder) !== WORKFLOWS_FOLDER) return withoutCommit("of another folder than the repository's");
	try {
		const commit = git('rev-parse', 'HEAD').trim();
		const hasLocalChanges = git('status', '--porcelain', '--', WORKFLOWS_DIR).trim() !== '';
		return {
			name: commit.slice(0, 7),
			description: `deploy-workflows, commit ${commit}${hasLocalChanges ? ' with local changes' : ''}`,
			commit,
			hasLocalChanges,
		};
	} catch {
		return withoutCommit('outside a git checkout');
	}
}

function withoutCommit(why: string): ReleaseOrigin {
	return { name: 'no commit', description: `deploy-workflows, ${why}`, commit: null, hasLocalChanges: true };
}

/** The full commit id of a branch, tag or short id; null when git does not know it. */
export function resolveCommit(ref: string): string | null {
	try {
		return git('rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`).trim();
	} catch {
		return null;
	}
}

/** The workflow folder as it was in a commit. */
export function filesAtCommit(commit: string): {
	readonly files: readonly WorkflowFile[];
	readonly inventory: readonly NeededCredential[];
	readonly release: ReleaseOrigin;
	readonly problems: readonly WorkflowProblem[];
} {
	const names = git('ls-tree', '--name-only', commit, '--', `${WORKFLOWS_DIR}/`).split('\n');
	const problems: WorkflowProblem[] = [];
	const files: WorkflowFile[] = [];
	for (const path of names.filter((name) => /^workflows\/\d+_\w+\.json$/.test(name))) {
		const parsed = parseWorkflowFile(path.slice(WORKFLOWS_DIR.length + 1), git('show', `${commit}:${path}`));
		if (parsed.ok) files.push(parsed.file);
		else problems.push(...parsed.problems);
	}
	const inventory = parseCredentialInventory(git('show', `${commit}:${WORKFLOWS_DIR}/credentials.json`));
	if (!inventory.ok) problems.push(...inventory.problems);
	return {
		files,
		inventory: inventory.ok ? inventory.credentials : [],
		release: {
			name: commit.slice(0, 7),
			description: `rollback to commit ${commit}`,
			commit,
			hasLocalChanges: false,
		},
		problems,
	};
}
