import { closeSync, existsSync, openSync, readFileSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';

/** A log of one part of the stack; the previous start's is kept beside it as `.old`. */
export interface LogFile {
	readonly file: string;
	/** Descriptor for a child's stdout and stderr. */
	readonly descriptor: number;
	close(): void;
	/** The last lines, for a message about a failed start. */
	tail(lines: number): string;
}

/** Opens `<dir>/<name>.log` for this user only. */
export function openLog(dir: string, name: string): LogFile {
	const file = path.join(dir, `${name}.log`);
	if (existsSync(file)) {
		rmSync(`${file}.old`, { force: true });
		renameSync(file, `${file}.old`);
	}
	const descriptor = openSync(file, 'a', 0o600);
	return {
		file,
		descriptor,
		close: () => closeSync(descriptor),
		tail: (lines) => readFileSync(file, 'utf8').trim().split('\n').slice(-lines).join('\n'),
	};
}
