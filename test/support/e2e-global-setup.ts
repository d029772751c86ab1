/** Gives the end-to-end tests of one Jest run a folder for the stacks they share. */
import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { STACKS_DIR_ENV } from './stack';

export default async function setUp(): Promise<void> {
	const dir = mkdtempSync(path.join(tmpdir(), 'truffles-e2e-'));
	// Started by root, PostgreSQL's own user passes through to its data.
	chmodSync(dir, 0o711);
	process.env[STACKS_DIR_ENV] = dir;
}
