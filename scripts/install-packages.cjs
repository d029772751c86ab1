/**
 * Installs one folder's packages from its committed lock, once per lock: `node scripts/install-packages.cjs runtime`.
 *
 * Plain JavaScript on nothing but Node >= 18, because it runs before anything is installed. A failed install is
 * removed, so that the next start begins clean, and is explained in one line (exit 3). Fresh means: the hash of the
 * lock, kept beside the packages, is the lock's.
 */
'use strict';

const { spawn } = require('node:child_process');
const { createHash } = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');

const REPOSITORY = path.resolve(__dirname, '..');
const MB = 1024 * 1024;
const KEPT_OUTPUT_CHARS = 64 * 1024;
const LOCK_POLL_MS = 500;

/** What can be installed, by folder. `file` must exist afterwards; `freeMb` is what the install needs, measured. */
const PACKAGES = {
	'.': {
		what: "this repository's dependencies",
		file: 'node_modules/ts-node/package.json',
		freeMb: 700,
		scripts: false,
	},
	runtime: { what: 'n8n', file: 'node_modules/n8n/bin/n8n', freeMb: 3000, scripts: false },
	// This package fetches the binary of the platform from the registry in its install script.
	'runtime/node': {
		what: 'Node 24',
		file: `node_modules/node/bin/${process.platform === 'win32' ? 'node.exe' : 'node'}`,
		freeMb: 300,
		scripts: true,
	},
};

/** A problem the user can act on; its message is the one line to print. */
class InstallProblem extends Error {}

function lockHash(folder) {
	return createHash('sha256')
		.update(fs.readFileSync(path.join(REPOSITORY, folder, 'package-lock.json')))
		.digest('hex');
}

function markerPath(folder) {
	return path.join(REPOSITORY, folder, 'node_modules', '.truffles-lock-hash');
}

/** True when the folder's packages are those of its lock. */
function isFresh(folder) {
	try {
		return (
			fs.readFileSync(markerPath(folder), 'utf8').trim() === lockHash(folder) &&
			fs.existsSync(path.join(REPOSITORY, folder, PACKAGES[folder].file))
		);
	} catch {
		return false;
	}
}

/** Turns npm's output into one line that says what happened and what to do next. */
function explainFailure(what, output) {
	const has = (pattern) => pattern.test(output);
	if (has(/ENOSPC/))
		return `No space left on the disk while installing ${what}. Free some space and run the command again.`;
	if (has(/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ENETUNREACH|EHOSTUNREACH|ETIMEDOUT|ECONNRESET|ERR_SOCKET_TIMEOUT|network/i))
		return `The npm registry cannot be reached, so ${what} cannot be installed. Check the network (or the registry in npm's settings) and run the command again.`;
	if (has(/EINTEGRITY|TAR_|Z_BUF_ERROR|Z_DATA_ERROR|zlib/i))
		return `The download of ${what} was broken and has been removed. Run the command again; if it repeats, run "npm cache verify" first.`;
	if (has(/EACCES|EPERM|EROFS/))
		return `No permission to write while installing ${what}. Make the repository's folder writable for this user and run the command again.`;
	if (has(/E40[134]/))
		return `The npm registry refused a package of ${what}. Check the registry in npm's settings and run the command again.`;
	const last = output
		.split('\n')
		.map((line) => line.replace(/^npm (error|ERR!)\s*/, '').trim())
		.filter((line) => line !== '' && !line.includes('complete log'));
	return `Installing ${what} failed (${(last[0] || 'npm said nothing').slice(0, 200)}). Its folder has been removed; run the command again.`;
}

/** npm as it was started, or the one on PATH. */
function npmCommand() {
	const script = process.env.npm_execpath;
	if (script && /npm-cli\.js$/.test(script) && fs.existsSync(script))
		return { command: process.execPath, prefix: [script], shell: false };
	return { command: 'npm', prefix: [], shell: process.platform === 'win32' };
}

/** The environment without what the surrounding `npm run` put there about another folder. */
function npmEnvironment() {
	const environment = { ...process.env };
	for (const name of Object.keys(environment)) {
		if (
			/^npm_(package|lifecycle)_/i.test(name) ||
			/^npm_config_(local_prefix|ignore_scripts|global_prefix)$/i.test(name)
		)
			delete environment[name];
	}
	return environment;
}

function runNpm(args, folder) {
	const npm = npmCommand();
	return new Promise((resolve) => {
		const child = spawn(npm.command, [...npm.prefix, ...args], {
			cwd: path.resolve(REPOSITORY, folder),
			env: npmEnvironment(),
			stdio: ['ignore', 'pipe', 'pipe'],
			shell: npm.shell,
		});
		let output = '';
		const keep = (chunk) => {
			output = (output + chunk).slice(-KEPT_OUTPUT_CHARS);
		};
		child.stdout.on('data', keep);
		child.stderr.on('data', keep);
		const stop = () => child.kill('SIGTERM');
		process.once('SIGTERM', stop);
		process.once('SIGINT', stop);
		child.on('error', (error) => resolve({ code: 127, output: String(error.message) }));
		child.on('close', (code, signal) => {
			process.off('SIGTERM', stop);
			process.off('SIGINT', stop);
			resolve({ code: code === null ? 1 : code, output, signal });
		});
	});
}

function isAlive(pid) {
	try {
		process.kill(pid, 0);
		return true;
	} catch (error) {
		return error.code === 'EPERM';
	}
}

/** Waits for another install of the same folder; a lock whose process is gone is taken over. */
async function lockFolder(folder) {
	const file = path.join(REPOSITORY, folder, '.installing.lock');
	for (;;) {
		try {
			fs.writeFileSync(file, String(process.pid), { flag: 'wx' });
			return () => fs.rmSync(file, { force: true });
		} catch (error) {
			if (error.code === 'EACCES' || error.code === 'EROFS' || error.code === 'ENOSPC')
				throw new InstallProblem(explainFailure(PACKAGES[folder].what, error.code));
			if (error.code !== 'EEXIST') throw error;
			let owner = NaN;
			try {
				owner = Number(fs.readFileSync(file, 'utf8'));
			} catch {
				continue;
			}
			if (owner > 0 && !isAlive(owner)) fs.rmSync(file, { force: true });
			else await new Promise((resolve) => setTimeout(resolve, LOCK_POLL_MS));
		}
	}
}

function assertFreeDisk(folder) {
	if (typeof fs.statfsSync !== 'function') return;
	const { bavail, bsize } = fs.statfsSync(path.join(REPOSITORY, folder));
	const freeMb = Math.floor((bavail * bsize) / MB);
	const { what, freeMb: neededMb } = PACKAGES[folder];
	if (freeMb < neededMb)
		throw new InstallProblem(
			`${what} needs about ${neededMb} MB and ${freeMb} MB are free. Free some space and run the command again.`,
		);
}

/**
 * Makes sure a folder's packages are installed. Returns true when something was installed.
 * Throws InstallProblem with the one line for the user.
 */
async function installPackages(folder) {
	if (isFresh(folder)) return false;
	const { what, file, scripts } = PACKAGES[folder];
	const unlock = await lockFolder(folder);
	try {
		if (isFresh(folder)) return false;
		assertFreeDisk(folder);
		const args = [
			'install',
			'--legacy-peer-deps',
			'--no-audit',
			'--no-fund',
			'--loglevel=error',
			'--omit-lockfile-registry-resolved',
			'--no-update-notifier',
			scripts ? '--ignore-scripts=false' : '--ignore-scripts',
		];
		const result = await runNpm(args, folder);
		const isComplete = fs.existsSync(path.join(REPOSITORY, folder, file));
		if (result.code !== 0 || !isComplete) {
			fs.rmSync(path.join(REPOSITORY, folder, 'node_modules'), { recursive: true, force: true });
			if (result.signal) throw new InstallProblem(`Installing ${what} was interrupted. Run the command again.`);
			if (result.code === 127)
				throw new InstallProblem('npm was not found. Install Node.js with npm and run the command again.');
			throw new InstallProblem(explainFailure(what, result.output));
		}
		fs.writeFileSync(markerPath(folder), `${lockHash(folder)}\n`);
		return true;
	} finally {
		unlock();
	}
}

module.exports = { installPackages, isFresh, explainFailure, runNpm, InstallProblem, REPOSITORY };

if (require.main === module) {
	const folder = process.argv[2];
	if (!Object.hasOwn(PACKAGES, folder || '')) {
		console.error(`Usage: node scripts/install-packages.cjs <folder>, one of: ${Object.keys(PACKAGES).join(', ')}`);
		process.exit(64);
	}
	installPackages(folder).catch((error) => {
		console.error(error instanceof InstallProblem ? error.message : error.stack);
		process.exit(3);
	});
}
