import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { EXIT, StackProblem } from './stack-problem';
import { isProcessAlive } from './process-life';
import type { StateFolder } from './state-folder';

/**
 * Keeps a second start away from the same state folder. A lock whose process is gone is taken over.
 * @returns the function that releases it
 * @throws StackProblem (exit 4) while another start lives
 */
export function lockStart(folder: StateFolder): () => void {
	for (;;) {
		try {
			writeFileSync(folder.lockFile, String(process.pid), { flag: 'wx', mode: 0o600 });
			return () => rmSync(folder.lockFile, { force: true });
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
		}
		const owner = readOwner(folder.lockFile);
		if (owner !== null && isProcessAlive(owner)) {
			throw new StackProblem(
				`A stack is already running or starting in ${folder.home} (process ${owner}). Stop it with Ctrl-C there, or set TRUFFLES_HOME to another folder.`,
				EXIT.conflict,
			);
		}
		rmSync(folder.lockFile, { force: true });
	}
}

function readOwner(lockFile: string): number | null {
	try {
		const pid = Number(readFileSync(lockFile, 'utf8'));
		return Number.isInteger(pid) && pid > 0 ? pid : null;
	} catch {
		return null;
	}
}
