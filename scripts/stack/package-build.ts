import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { EXIT, StackProblem } from './stack-problem';
import { REPOSITORY } from './state-folder';

const DIST = path.join(REPOSITORY, 'dist');
const MARKER = path.join(DIST, '.source-hash');
/** Everything that ends up in the package or decides how it is built. */
const SOURCES = [
	'{nodes,credentials,hooks}/**/*',
	'lib/**/*.{ts,json}',
	'migrations/*',
	'workflows/**/*.json',
	'package.json',
	'package-lock.json',
	'tsconfig*.json',
	'gulpfile.js',
	'index.js',
];

/** Hash of the package's sources: equal hash, equal package. */
export function sourceHash(): string {
	const hash = createHash('sha256');
	const files = SOURCES.flatMap((pattern) => globSync(pattern, { cwd: REPOSITORY, withFileTypes: true }))
		.filter((entry) => entry.isFile())
		.map((entry) => path.relative(REPOSITORY, path.join(entry.parentPath, entry.name)))
		.sort();
	for (const file of new Set(files))
		hash
			.update(`${file}\0`)
			.update(readFileSync(path.join(REPOSITORY, file)))
			.update('\0');
	return hash.digest('hex');
}

/** Runs a tool of the repository under this Node; its output is shown only when it fails. */
export function runTool(script: string, args: readonly string[]): Promise<{ code: number; output: string }> {
	return new Promise((resolve) => {
		const child = spawn(process.execPath, [path.join(REPOSITORY, 'node_modules', script), ...args], {
			cwd: REPOSITORY,
			stdio: ['ignore', 'pipe', 'pipe'],
		});
		let output = '';
		child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
		child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
		child.on('error', (error) => resolve({ code: 127, output: error.message }));
		child.on('close', (code) => resolve({ code: code ?? 1, output }));
	});
}

/**
 * Compiles the package into dist/ and copies icons and codex files; nothing when the sources are those of the last build.
 * @returns the source hash and whether anything was built
 * @throws StackProblem (1) with the compiler's first lines
 */
export async function buildPackage(
	options: { readonly force?: boolean } = {},
): Promise<{ hash: string; built: boolean }> {
	const hash = sourceHash();
	if (options.force !== true && existsSync(MARKER) && readFileSync(MARKER, 'utf8') === hash)
		return { hash, built: false };
	rmSync(DIST, { recursive: true, force: true });
	mkdirSync(DIST, { recursive: true });
	for (const [script, args] of [
		['typescript/bin/tsc', ['-p', 'tsconfig.build.json']],
		['gulp/bin/gulp.js', ['--silent', 'build:assets']],
	] as const) {
		const { code, output } = await runTool(script, args);
		if (code !== 0)
			throw new StackProblem(
				`The package does not build (${script}):\n${output.trim().split('\n').slice(0, 20).join('\n')}`,
				EXIT.failed,
			);
	}
	const { n8n } = JSON.parse(readFileSync(path.join(REPOSITORY, 'package.json'), 'utf8')) as {
		n8n: { nodes: string[]; credentials: string[] };
	};
	const missing = [...n8n.nodes, ...n8n.credentials].filter((file) => !existsSync(path.join(REPOSITORY, file)));
	if (missing.length > 0)
		throw new StackProblem(`package.json names files that the build does not make: ${missing.join(', ')}`, EXIT.failed);
	writeFileSync(MARKER, hash);
	return { hash, built: true };
}
