/**
 * Runs `scripts/<verb>.ts` under Node 24, on a machine where only Node >= 18 and npm are there: `node scripts/launch.cjs start`.
 *
 * Fetches Node 24 (only when this Node is older) and the repository's dependencies on the first run, then hands over
 * arguments, standard streams, signals and the exit code. The verb's process sees `disconnect` when this one dies.
 */
'use strict';

const { spawn, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { constants } = require('node:os');

const EXIT_USAGE = 64;
const EXIT_ENVIRONMENT = 3;
const OLDEST_NODE = 18;
const NEEDED_NODE = 24;
const PARENT_POLL_MS = 1000;

const ownMajor = Number(process.versions.node.split('.')[0]);
if (ownMajor < OLDEST_NODE) {
	console.error(
		`Node ${process.versions.node} is too old. Install Node ${OLDEST_NODE} or newer and run the command again.`,
	);
	process.exit(EXIT_ENVIRONMENT);
}

const { installPackages, isFresh, InstallProblem, REPOSITORY } = require('./install-packages.cjs');

function verbs() {
	return fs
		.readdirSync(__dirname)
		.filter((name) => name.endsWith('.ts'))
		.map((name) => name.slice(0, -'.ts'.length));
}

async function install(folder, label) {
	if (isFresh(folder)) return;
	const startedAt = Date.now();
	console.error(`Installing ${label} ...`);
	await installPackages(folder);
	console.error(`Installed ${label} in ${Math.round((Date.now() - startedAt) / 1000)} s`);
}

/** The Node 24 to run with: this one, or the one installed into runtime/node. */
async function nodeBinary() {
	if (ownMajor >= NEEDED_NODE) return process.execPath;
	await install('runtime/node', 'Node 24');
	const binary = path.join(
		REPOSITORY,
		'runtime',
		'node',
		'node_modules',
		'node',
		'bin',
		process.platform === 'win32' ? 'node.exe' : 'node',
	);
	const answer = spawnSync(binary, ['--version'], { encoding: 'utf8' });
	if (answer.status !== 0 || !answer.stdout.startsWith(`v${NEEDED_NODE}.`)) {
		fs.rmSync(path.join(REPOSITORY, 'runtime', 'node', 'node_modules'), { recursive: true, force: true });
		throw new InstallProblem(
			'The installed Node 24 does not run on this machine and has been removed. Run the command again, or install Node 24 yourself.',
		);
	}
	return binary;
}

/** Parent of a process, on Linux; null where that cannot be read. */
function parentOf(pid) {
	try {
		// "pid (name) state ppid ...": the name may hold spaces and brackets.
		return Number(
			fs
				.readFileSync(`/proc/${pid}/stat`, 'utf8')
				.replace(/^.*\) \S+ /s, '')
				.split(' ')[0],
		);
	} catch {
		return null;
	}
}

/**
 * Ends the child when npm, which started us through a shell of its own, is gone.
 * A plain `node scripts/launch.cjs start &` may outlive its shell.
 */
function watchParent(onGone) {
	if (process.env.npm_lifecycle_event === undefined) return;
	const shell = process.ppid;
	const npm = parentOf(shell);
	setInterval(() => {
		if (process.ppid !== shell || parentOf(shell) !== npm) onGone();
	}, PARENT_POLL_MS).unref();
}

async function main() {
	const [verb, ...args] = process.argv.slice(2);
	if (!verb || !verbs().includes(verb)) {
		console.error(`Usage: node scripts/launch.cjs <verb> [arguments]\nVerbs: ${verbs().join(', ')}`);
		process.exit(EXIT_USAGE);
	}
	const node = await nodeBinary();
	await install('.', "this repository's dependencies");
	const child = spawn(node, ['--require', 'ts-node/register', path.join(__dirname, `${verb}.ts`), ...args], {
		stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
		env: {
			...process.env,
			TS_NODE_PROJECT: path.join(REPOSITORY, 'tsconfig.json'),
			PATH: [path.dirname(node), path.join(REPOSITORY, 'node_modules', '.bin'), process.env.PATH]
				.filter(Boolean)
				.join(path.delimiter),
		},
		cwd: REPOSITORY,
	});
	for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
	watchParent(() => child.kill('SIGTERM'));
	// Started by a program with a channel to us (the end-to-end tests): its death ends the child too.
	if (process.channel) process.on('disconnect', () => child.kill('SIGTERM'));
	child.on('error', (error) => {
		console.error(`Node 24 could not be started: ${error.message}`);
		process.exit(EXIT_ENVIRONMENT);
	});
	child.on('exit', (code, signal) => process.exit(signal === null ? code : 128 + constants.signals[signal]));
}

main().catch((error) => {
	console.error(error instanceof InstallProblem ? error.message : error.stack);
	process.exit(EXIT_ENVIRONMENT);
});
