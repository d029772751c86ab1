import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { choosePort, type PortWish } from '../../../scripts/stack/ports';
import { type OwnedPart, Shutdown } from '../../../scripts/stack/shutdown';
import { loadOrCreateSecrets } from '../../../scripts/stack/stack-secrets';
import { lockStart } from '../../../scripts/stack/start-lock';
import { locateStateFolder, prepareStateFolder, type StateFolder } from '../../../scripts/stack/state-folder';

let folder: StateFolder;
beforeEach(() => {
	folder = locateStateFolder({ TRUFFLES_HOME: mkdtempSync(path.join(tmpdir(), 'truffles-unit-')) });
	prepareStateFolder(folder);
});
afterEach(() => rmSync(folder.home, { recursive: true, force: true }));

describe('the lock of a start', () => {
	test('a second start is told who runs, and exits with 4', () => {
		const unlock = lockStart(folder);
		expect(() => lockStart(folder)).toThrow(
			expect.objectContaining({ exitCode: 4, message: expect.stringContaining(`process ${process.pid}`) }),
		);
		unlock();
		lockStart(folder)();
		expect(existsSync(folder.lockFile)).toBe(false);
	});

	test.each(['999999999', '', 'nonsense'])('a lock that belongs to no living process (%j) is taken over', (content) => {
		writeFileSync(folder.lockFile, content);
		const unlock = lockStart(folder);
		expect(readFileSync(folder.lockFile, 'utf8')).toBe(String(process.pid));
		unlock();
	});
});

describe('secrets', () => {
	test('are made once, differ between folders, and nobody else may read them', () => {
		const first = loadOrCreateSecrets(folder);
		expect(loadOrCreateSecrets(folder)).toEqual(first);
		expect(Buffer.from(first.masterKey, 'base64')).toHaveLength(32);
		expect(statSync(folder.secretsFile).mode & 0o777).toBe(0o600);
		rmSync(folder.secretsFile);
		expect(loadOrCreateSecrets(folder).masterKey).not.toBe(first.masterKey);
	});

	test('a damaged file is not replaced by new secrets: the data would be lost', () => {
		writeFileSync(folder.secretsFile, '{"masterKey": ');
		expect(() => loadOrCreateSecrets(folder)).toThrow(/damaged/);
	});
});

describe('ports', () => {
	const wish: PortWish = { what: 'n8n', flag: '--n8n-port', asked: null, remembered: null, usual: 0, isPublic: true };

	test('a taken public port is a problem that names the flag; a taken private one is replaced', async () => {
		const server = createServer().listen(0, '127.0.0.1');
		await new Promise((resolve) => server.once('listening', resolve));
		const { port } = server.address() as AddressInfo;
		try {
			await expect(choosePort({ ...wish, usual: port })).rejects.toThrow(
				`Port ${port} (n8n) is in use. Stop what uses it, or start with --n8n-port <another port>.`,
			);
			await expect(choosePort({ ...wish, asked: port, isPublic: false })).rejects.toThrow(/in use/);
			expect(await choosePort({ ...wish, remembered: port, isPublic: false })).not.toBe(port);
		} finally {
			server.close();
		}
	});
});

describe('shutdown', () => {
	const part = (name: string, stopped: string[], work: () => Promise<void> = async () => undefined) => ({
		name,
		process: null,
		stop: async () => work().then(() => void stopped.push(name)),
	});

	test('stops in reverse order, once', async () => {
		const stopped: string[] = [];
		const shutdown = new Shutdown(() => undefined);
		for (const name of ['database', 'sandbox', 'n8n']) shutdown.own(part(name, stopped));
		await Promise.all([shutdown.stopAll(), shutdown.stopAll()]);
		expect(stopped).toEqual(['n8n', 'sandbox', 'database']);
	});

	test('a part that fails to stop does not keep the others running', async () => {
		const stopped: string[] = [];
		const lines: string[] = [];
		const shutdown = new Shutdown((line) => lines.push(line));
		shutdown.own(part('database', stopped));
		shutdown.own(part('n8n', stopped, () => Promise.reject(new Error('stuck'))));
		await shutdown.stopAll();
		expect(stopped).toEqual(['database']);
		expect(lines).toEqual(['n8n did not stop: stuck']);
	});

	test('what finishes starting after the stop began is stopped too', async () => {
		const stopped: string[] = [];
		const shutdown = new Shutdown(() => undefined);
		await shutdown.stopAll();
		shutdown.own(part('late', stopped));
		await shutdown.stopAll();
		expect(stopped).toEqual(['late']);
	});

	test('a stop that comes while a part starts waits for it and stops it; a start that fails leaves nothing to stop', async () => {
		const stopped: string[] = [];
		const lines: string[] = [];
		const shutdown = new Shutdown((line) => lines.push(line));
		shutdown.own(part('log', stopped));
		let arrive: (started: { part: OwnedPart }) => void = () => undefined;
		const starting = shutdown.ownStarting(
			'database',
			new Promise<{ part: OwnedPart }>((resolve) => (arrive = resolve)),
		);
		const failing = shutdown.ownStarting('Redis', Promise.reject(new Error('no port')));
		await expect(failing).rejects.toThrow('no port');
		const stopping = shutdown.stopAll();
		arrive({ part: part('database', stopped) });
		await Promise.all([starting, stopping]);
		expect(stopped).toEqual(['database', 'log']);
		expect(lines).toEqual([]);
	});

	test('a part that has started takes the place of its start', async () => {
		const stopped: string[] = [];
		const shutdown = new Shutdown(() => undefined);
		const starting = shutdown.ownStarting('database', Promise.resolve({ part: part('database', stopped) }));
		shutdown.own(part('n8n', stopped));
		await starting;
		await shutdown.stopAll();
		expect(stopped).toEqual(['n8n', 'database']);
	});

	test('a part that has ended is not stopped; one that was started anew keeps its place', async () => {
		const stopped: string[] = [];
		const shutdown = new Shutdown(() => undefined);
		const [database, restarted, sandbox, n8n] = ['database', 'restarted database', 'sandbox', 'n8n'].map((name) =>
			part(name, stopped),
		) as [OwnedPart, OwnedPart, OwnedPart, OwnedPart];
		for (const started of [database, sandbox, n8n]) shutdown.own(started);
		shutdown.disown(n8n);
		shutdown.disown(n8n);
		shutdown.replace(database, restarted);
		await shutdown.stopAll();
		expect(stopped).toEqual(['sandbox', 'restarted database']);
	});
});
