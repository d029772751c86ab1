/** Stops every stack of this Jest run and removes their folder. */
import { readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { STACKS_DIR_ENV, stopStack } from './stack';

export default async function tearDown(): Promise<void> {
	const dir = process.env[STACKS_DIR_ENV];
	if (dir === undefined) return;
	for (const name of readdirSync(dir)) await stopStack(path.join(dir, name));
	rmSync(dir, { recursive: true, force: true });
}
