import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { replaceInstalledPackage } from '../../../scripts/chaos/world/installed-package';
import { hookFile } from '../../../scripts/stack/package-install';

let dir: string;
beforeEach(() => {
	dir = mkdtempSync(path.join(tmpdir(), 'truffles-unit-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function write(folder: string, files: Readonly<Record<string, string>>): void {
	for (const [name, text] of Object.entries(files)) {
		const file = path.join(folder, name);
		mkdirSync(path.dirname(file), { recursive: true });
		writeFileSync(file, text);
	}
}

test('another build replaces the whole installed one; dependencies and what it does not bring stay', () => {
	const n8nDir = path.join(dir, 'n8n');
	const installed = path.resolve(hookFile(n8nDir), '..', '..', '..');
	write(installed, {
		'package.json': '{}',
		'dist/hooks/front-door.js': 'old',
		'dist/gone.js': 'old',
		'node_modules/pg/index.js': 'pg',
		'migrations/0001.sql': 'old',
	});
	write(path.join(dir, 'build'), { 'dist/hooks/front-door.js': 'new', 'migrations/0001.sql': 'new' });
	replaceInstalledPackage(n8nDir, path.join(dir, 'build'));
	expect(readFileSync(hookFile(n8nDir), 'utf8')).toBe('new');
	expect(readdirSync(installed).sort()).toEqual(['dist', 'migrations', 'node_modules', 'package.json']);
	expect(readdirSync(path.join(installed, 'dist'))).toEqual(['hooks']);
	expect(readFileSync(path.join(installed, 'migrations', '0001.sql'), 'utf8')).toBe('new');
	expect(() => replaceInstalledPackage(n8nDir, path.join(dir, 'nothing'))).toThrow('There is no build');
	expect(readFileSync(hookFile(n8nDir), 'utf8')).toBe('new');
});
