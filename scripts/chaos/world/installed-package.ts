import { cpSync, existsSync, rmSync } from 'node:fs';
import path from 'node:path';

import { hookFile } from '../../stack/package-install';

/** What a build makes and `npm pack` packs beside package.json. */
const PARTS = ['dist', 'index.js', 'migrations', 'workflows', 'package.json'];

/**
 * Puts another build in the place of the installed package; its dependencies stay. n8n must not run meanwhile.
 * @param packageDir folder with `dist`, and whatever else of the package differs
 */
export function replaceInstalledPackage(n8nDir: string, packageDir: string): void {
	const installed = path.resolve(hookFile(n8nDir), '..', '..', '..');
	if (!existsSync(path.join(packageDir, 'dist'))) throw new Error(`There is no build in ${packageDir}.`);
	for (const part of PARTS) {
		const source = path.join(packageDir, part);
		if (!existsSync(source)) continue;
		rmSync(path.join(installed, part), { recursive: true, force: true });
		cpSync(source, path.join(installed, part), { recursive: true });
	}
}
