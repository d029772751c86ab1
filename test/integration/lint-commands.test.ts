import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const REPOSITORY = join(__dirname, '..', '..');
let folder: string;

beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), 'truffles-lint-'));
	cpSync(join(REPOSITORY, 'workflows'), folder, { recursive: true });
	const path = join(folder, '8_Send_Response.json');
	const { name, active: _active, ...rest } = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
	writeFileSync(path, JSON.stringify({ ...rest, name, active: true, versionId: 'v1' }));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a command as `npm run` does, without its install step. */
function run(script: string, ...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
	const file = join(REPOSITORY, 'scripts', `${script}.ts`);
	return new Promise((resolve) => {
		execFile(
			process.execPath,
			['--require', 'ts-node/register/transpile-only', file, ...args],
			{ cwd: REPOSITORY },
			(error, stdout, stderr) => resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
		);
	});
}

test('both commands answer in the same way: 0, 1 or 2, 64', async () => {
	const [clean, broken, quiet, json, explained, unknown, usage, help] = await Promise.all([
		run('lint-workflows'),
		run('lint-workflows', '--dir', folder),
		run('lint-workflows', '--quiet'),
		run('lint-workflows', '--json', '--dir', folder),
		run('lint-workflows', '--explain', 'guarded-replies'),
		run('lint-workflows', '--explain', 'nothing'),
		run('lint-workflows', '--nothing'),
		run('lint-workflows', '--help'),
	]);
	expect(clean).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+ workflows, 0 problems\n$/) });
	expect(broken.code).toBe(1);
	expect(broken.stdout.split('\n').slice(0, 2)).toEqual([
		'8_Send_Response.json: forbidden-keys versionId belongs to an instance; remove it with npm run fmt-workflows -- --strip',
		'8_Send_Response.json: inactive active is true; write false',
	]);
	expect(quiet).toMatchObject({ code: 0, stdout: '' });
	expect(JSON.parse(json.stdout)).toMatchObject({
		problems: [{ code: 'forbidden-keys', key: '8_Send_Response', node: null }, { code: 'inactive' }],
	});
	expect(explained).toMatchObject({ code: 0, stdout: expect.stringContaining('Passed output of Reply Guard') });
	expect(unknown).toMatchObject({ code: 64, stderr: expect.stringContaining('Known: all, take-over') });
	expect(usage.code).toBe(64);
	expect(help.code).toBe(0);
	expect(help.stdout.match(/^ {2}npm run lint-workflows/gm)).toHaveLength(3);
}, 120_000);

test('a check writes nothing, formatting loses nothing, and --strip takes away what belongs to an instance', async () => {
	const path = join(folder, '8_Send_Response.json');
	const before = readFileSync(path, 'utf8');
	expect((await run('fmt-workflows', '--check')).code).toBe(0);
	const check = await run('fmt-workflows', '--check', '--quiet', '--dir', folder);
	expect(check).toMatchObject({ code: 2, stdout: '8_Send_Response.json would change\n' });
	expect(readFileSync(path, 'utf8')).toBe(before);

	expect((await run('fmt-workflows', '--dir', folder)).code).toBe(0);
	expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(JSON.parse(before));
	expect((await run('fmt-workflows', '--strip', '--dir', folder)).code).toBe(0);
	expect(readFileSync(path, 'utf8')).toBe(readFileSync(join(REPOSITORY, 'workflows', '8_Send_Response.json'), 'utf8'));

	writeFileSync(path, before.replace('"active":true', '"active":true,"active":false'));
	const lossy = await run('fmt-workflows', '--dir', folder);
	expect(lossy).toMatchObject({
		code: 1,
		stdout: expect.stringContaining('8_Send_Response.json: the key "active" occurs twice'),
	});
	expect(readFileSync(path, 'utf8')).toContain('"active":true,"active":false');
}, 120_000);

test('a file that is not JSON is named and left alone, and the others are formatted', async () => {
	const broken = join(folder, '2_Parse_Normalize.json');
	const other = join(folder, '9_Error_Handler.json');
	const [intact, formatted] = [readFileSync(broken, 'utf8'), readFileSync(other, 'utf8')];
	writeFileSync(broken, '<<<<<<< HEAD');
	writeFileSync(other, JSON.stringify(JSON.parse(formatted)));
	const { code, stdout } = await run('fmt-workflows', '--dir', folder);
	const left = [readFileSync(broken, 'utf8'), readFileSync(other, 'utf8')];
	writeFileSync(broken, intact);
	expect(code).toBe(1);
	expect(stdout).toContain('2_Parse_Normalize.json: is not JSON');
	expect(left).toEqual(['<<<<<<< HEAD', formatted]);
}, 120_000);
