import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { runNpm } from './npm-command';
import { StackProblem } from './stack-problem';
import { REPOSITORY } from './state-folder';

const PACKAGE = 'n8n-nodes-truffles';

/** Where n8n looks for community packages. */
export function communityDir(n8nDir: string): string {
	return path.join(n8nDir, '.n8n', 'nodes');
}

/** The installed package's hook file. */
export function hookFile(n8nDir: string): string {
	return path.join(communityDir(n8nDir), 'node_modules', PACKAGE, 'dist', 'hooks', 'front-door.js');
}

/**
 * Packs the repository with `npm pack` and installs the tarball where n8n installs community packages, as a user's
 * n8n would: `<user folder>/.n8n/nodes/node_modules`. Nothing happens when this very package is installed already.
 * @returns whether it was installed now
 */
export async function installPackage(n8nDir: string, hash: string): Promise<boolean> {
	const dir = communityDir(n8nDir);
	const marker = path.join(dir, '.truffles-package-hash');
	if (existsSync(hookFile(n8nDir)) && existsSync(marker) && readFileSync(marker, 'utf8') === hash) return false;
	mkdirSync(dir, { recursive: true, mode: 0o700 });
	rmSync(marker, { force: true });
	for (const name of readdirSync(dir)) if (name.endsWith('.tgz')) rmSync(path.join(dir, name));

	const packed = await runNpm(['pack', '--ignore-scripts', '--silent', '--pack-destination', dir], REPOSITORY);
	const made = packed.code === 0 ? readdirSync(dir).find((name) => name.endsWith('.tgz')) : undefined;
	if (made === undefined)
		throw new StackProblem(`"npm pack" failed: ${packed.output.trim().split('\n').pop() ?? 'no output'}`);
	// npm takes a tarball of the same name for the same package.
	const tarball = `${PACKAGE}-${hash.slice(0, 12)}.tgz`;
	renameSync(path.join(dir, made), path.join(dir, tarball));
	rmSync(path.join(dir, 'node_modules', PACKAGE), { recursive: true, force: true });
	rmSync(path.join(dir, 'node_modules', '.package-lock.json'), { force: true });

	const ledger = path.join(dir, 'package.json');
	writeFileSync(
		ledger,
		`${JSON.stringify({ name: 'installed-nodes', private: true, dependencies: keepOthers(ledger) }, null, 2)}\n`,
	);
	const installed = await runNpm(
		[
			'install',
			`./${tarball}`,
			'--legacy-peer-deps',
			'--ignore-scripts',
			'--omit=dev',
			'--omit=peer',
			'--no-package-lock',
			'--no-audit',
			'--no-fund',
			'--prefer-offline',
			'--loglevel=error',
		],
		dir,
	);
	if (installed.code !== 0 || !existsSync(hookFile(n8nDir)))
		throw new StackProblem(installed.problem('the package into n8n'));
	writeFileSync(marker, hash);
	return true;
}

/** Other community packages the user installed in the editor stay. */
function keepOthers(ledger: string): Record<string, string> {
	if (!existsSync(ledger)) return {};
	const { dependencies = {} } = JSON.parse(readFileSync(ledger, 'utf8')) as { dependencies?: Record<string, string> };
	return Object.fromEntries(Object.entries(dependencies).filter(([name]) => name !== PACKAGE));
}
