import { createHash, randomBytes } from 'node:crypto';
import {
	closeSync,
	fsyncSync,
	mkdirSync,
	openSync,
	readdirSync,
	readFileSync,
	renameSync,
	rmSync,
	statSync,
	writeSync,
} from 'node:fs';
import { homedir, hostname } from 'node:os';
import path from 'node:path';
import { parseSettlement, type Settlement } from '../billing/settlement';

/** A file of another machine's process that nobody wrote to for so long is taken over. */
const ABANDONED_AFTER_MS = 10 * 60 * 1000;
const SEQUENCE_DIGITS = 6;

/** Tokens of the journals that are open in this process. */
const openTokens = new Set<string>();

export interface FileBillingJournalOptions {
	readonly folder: string;
	/** Secret or address that names the installation; files of another installation in the same folder are not touched. */
	readonly installation: string;
	readonly nowMs?: () => number;
	/** Identity of the writer; tests play other processes and machines. */
	readonly host?: string;
	readonly pid?: number;
}

/** What a file of the journal holds. */
export interface JournalContent {
	readonly settlements: readonly Settlement[];
	/** Whole lines that are no settlement. A last line without its end was never acknowledged and is left out. */
	readonly unreadable: readonly string[];
}

/**
 * Bills that could not be written to the database: lines of JSON in files that belong to one process each.
 *
 * `append` returns when the line is on the disk, and is synchronous on purpose: it runs only while the database is
 * away, and after it the call counts as billed. The lines hold ids, names of models and numbers, nothing of a customer.
 *
 * File names: `billing-<installation>-<host>-<pid>-<token>-<sequence>.jsonl`. A replay reads closed files only: claiming
 * moves on to the next sequence number first, so that nothing is appended to what is being read.
 */
export class FileBillingJournal {
	readonly folder: string;
	private readonly prefix: string;
	private readonly host: string;
	private readonly pid: number;
	private readonly token = randomBytes(4).toString('hex');
	private readonly nowMs: () => number;
	private sequence = 1;
	/** True when the file of `sequence` was begun. */
	private begun = false;
	/** Set from the first append until the last own file is removed. */
	private waiting = false;

	constructor(options: FileBillingJournalOptions) {
		this.folder = options.folder;
		this.nowMs = options.nowMs ?? Date.now;
		this.host = createHash('sha256')
			.update(options.host ?? hostname())
			.digest('hex')
			.slice(0, 8);
		this.pid = options.pid ?? process.pid;
		const installation = createHash('sha256')
			.update(`billing-journal:${options.installation}`)
			.digest('hex')
			.slice(0, 8);
		this.prefix = `billing-${installation}-`;
		openTokens.add(this.token);
	}

	/** Gives the files up: another journal may take them over. */
	close(): void {
		openTokens.delete(this.token);
	}

	/** True while settlements of this process wait. */
	hasWaiting(): boolean {
		return this.waiting;
	}

	/** Writes one settlement and waits until it is on the disk. Throws the file system's error. */
	append(settlement: Settlement): void {
		mkdirSync(this.folder, { recursive: true, mode: 0o700 });
		const file = this.ownFile(this.sequence);
		const line = Buffer.from(`${JSON.stringify(settlement)}\n`, 'utf8');
		const handle = openSync(file, 'a', 0o600);
		this.begun = true;
		this.waiting = true;
		try {
			let written = 0;
			while (written < line.length) written += writeSync(handle, line, written);
			fsyncSync(handle);
		} catch (error) {
			// Half a line may be there: the next one must not be glued to it.
			this.nextFile();
			throw error;
		} finally {
			closeSync(handle);
		}
		syncFolder(this.folder);
	}

	/**
	 * The files to replay, in order: those of this process, then those whose process is dead, which become its own by
	 * being renamed (only one process succeeds in that).
	 */
	claim(): string[] {
		if (this.begun) this.nextFile();
		const names = listFolder(this.folder).filter((name) => name.startsWith(this.prefix) && name.endsWith('.jsonl'));
		const own = names.filter((name) => this.ownerOf(name) === 'own').sort();
		const claimed = own.map((name) => path.join(this.folder, name));
		for (const name of names.filter((entry) => this.ownerOf(entry) === 'dead').sort()) {
			const target = this.ownFile(this.sequence);
			try {
				renameSync(path.join(this.folder, name), target);
			} catch {
				// Another process was faster.
				continue;
			}
			this.nextFile();
			claimed.push(target);
		}
		this.waiting = claimed.length > 0;
		return claimed;
	}

	/** Reads a claimed file; one that is gone is empty. */
	read(file: string): JournalContent {
		const text = readIfThere(file);
		const settlements: Settlement[] = [];
		const unreadable: string[] = [];
		// What follows the last line end was cut off by a crash while it was written.
		for (const line of text.slice(0, text.lastIndexOf('\n') + 1).split('\n')) {
			if (line.trim() === '') continue;
			const settlement = parseSettlement(line);
			if (settlement === null) unreadable.push(line);
			else settlements.push(settlement);
		}
		return { settlements, unreadable };
	}

	/** Removes a file whose settlements are all in the database. */
	remove(file: string): void {
		rmSync(file, { force: true });
		this.waiting = listFolder(this.folder).some((name) => this.ownerOf(name) === 'own');
	}

	/** Keeps lines that the database will never take where a person can look at them; nothing is dropped. */
	setAside(lines: readonly string[]): void {
		if (lines.length === 0) return;
		const handle = openSync(path.join(this.folder, `${this.prefix}refused.txt`), 'a', 0o600);
		try {
			writeSync(handle, `${lines.join('\n')}\n`);
			fsyncSync(handle);
		} finally {
			closeSync(handle);
		}
	}

	private nextFile(): void {
		this.sequence += 1;
		this.begun = false;
	}

	private ownFile(sequence: number): string {
		const number = String(sequence).padStart(SEQUENCE_DIGITS, '0');
		return path.join(this.folder, `${this.prefix}${this.host}-${this.pid}-${this.token}-${number}.jsonl`);
	}

	private ownerOf(name: string): 'own' | 'dead' | 'alive' | 'unknown' {
		if (!name.startsWith(this.prefix)) return 'unknown';
		const [host, pidText, token, rest] = name.slice(this.prefix.length).split('-');
		const pid = Number(pidText);
		if (token === undefined || rest === undefined || !Number.isSafeInteger(pid)) return 'unknown';
		if (host === this.host && pid === this.pid) {
			// In a container every process before us had our number; within one process another journal is alive.
			if (token === this.token) return 'own';
			return openTokens.has(token) ? 'alive' : 'dead';
		}
		if (host === this.host && !isAlive(pid)) return 'dead';
		return this.isAbandoned(name) ? 'dead' : 'alive';
	}

	private isAbandoned(name: string): boolean {
		try {
			return this.nowMs() - statSync(path.join(this.folder, name)).mtimeMs > ABANDONED_AFTER_MS;
		} catch {
			return false;
		}
	}
}

/** `<user folder>/.n8n/truffles-billing`: beside n8n's own data, which a container keeps on a volume. */
export function defaultJournalFolder(environment: NodeJS.ProcessEnv = process.env): string {
	const userFolder = environment['N8N_USER_FOLDER']?.trim() || homedir();
	return path.join(userFolder, '.n8n', 'truffles-billing');
}

function listFolder(folder: string): string[] {
	try {
		return readdirSync(folder);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
		throw error;
	}
}

function readIfThere(file: string): string {
	try {
		return readFileSync(file, 'utf8');
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
		throw error;
	}
}

/** The name of a new file is on the disk only when its folder is; where folders cannot be opened (Windows) it is anyway. */
function syncFolder(folder: string): void {
	let handle: number | null = null;
	try {
		handle = openSync(folder, 'r');
		fsyncSync(handle);
	} catch {
		return;
	} finally {
		if (handle !== null) closeSync(handle);
	}
}

function isAlive(pid: number): boolean {
	try {
		process.kill(pid, 0);
		return true;
	} catch (error) {
		return (error as NodeJS.ErrnoException).code === 'EPERM';
	}
}
