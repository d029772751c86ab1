import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { OwnedPart } from './shutdown';
import { StackProblem } from './stack-problem';
import { REPOSITORY } from './state-folder';

interface Installer {
	readonly runNpm: (args: readonly string[], folder: string) => Promise<{ code: number; output: string }>;
	readonly explainFailure: (what: string, output: string) => string;
	readonly isFresh: (folder: string) => boolean;
}

/** The launcher's plain JavaScript half, which has to run before TypeScript is there. */
const installer = createRequire(__filename)('../install-packages.cjs') as Installer;

/** Runs npm in a folder, with the environment cleaned of the surrounding `npm run`. */
export async function runNpm(
	args: readonly string[],
	folder: string,
): Promise<{ code: number; output: string; problem: (what: string) => string }> {
	const result = await installer.runNpm(args, folder);
	return { ...result, problem: (what) => installer.explainFailure(what, result.output) };
}

/** Installs the pinned n8n into runtime/ when its lock changed or it is missing. Returns whether it did. */
export async function installRuntime(own: (part: OwnedPart) => void): Promise<boolean> {
	if (installer.isFresh('runtime')) return false;
	const child = spawn(process.execPath, [path.join(REPOSITORY, 'scripts', 'install-packages.cjs'), 'runtime'], {
		stdio: ['ignore', 'ignore', 'pipe'],
	});
	let message = '';
	child.stderr.on('data', (chunk: Buffer) => (message += chunk.toString()));
	const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
	const { pid } = child;
	if (pid !== undefined) {
		const stop = async (): Promise<void> => {
			if (child.exitCode === null) child.kill('SIGTERM');
			await ended;
		};
		own({ name: 'install of n8n', process: { pid, signal: 'SIGTERM' }, stop });
	}
	const code = await ended;
	if (code !== 0) throw new StackProblem(message.trim() || 'Installing n8n was interrupted. Run the command again.');
	return true;
}
