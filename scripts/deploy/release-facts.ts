import { readFileSync } from 'node:fs';
import path from 'node:path';
import { migrationStatus } from '../../lib/adapters/migrate-database';
import { createN8nReader } from '../../lib/adapters/n8n-api';
import { TrufflesError } from '../../lib/errors';
import type { ReleaseFacts } from '../../lib/workflows/release-check';
import { REPOSITORY } from '../stack/state-folder';
import type { DeployTarget } from './deploy-target';

const PACKAGE = JSON.parse(readFileSync(path.join(REPOSITORY, 'package.json'), 'utf8')) as {
	readonly name: string;
	readonly version: string;
};

/**
 * Asks the instance and its database what they run. What cannot be read is null, never a guess.
 * The package: as n8n lists it, else as the gateway's front door tells it.
 */
export async function readReleaseFacts({ access, probe, databaseUrl }: DeployTarget): Promise<ReleaseFacts> {
	const reader = createN8nReader(access);
	const [n8nVersion, installed, answer, pendingMigrations] = await Promise.all([
		reader.n8nVersion(),
		reader.installedPackage(PACKAGE.name).catch(unlessCoded),
		probe.ask(),
		databaseUrl === null ? null : readPending(databaseUrl).catch(() => null),
	]);
	return {
		wantedPackage: PACKAGE.version,
		instancePackage: installed ?? (answer.kind === 'gateway' ? answer.packageVersion : null),
		pendingMigrations,
		n8nVersion,
	};
}

async function readPending(databaseUrl: string): Promise<readonly string[]> {
	return (await migrationStatus(databaseUrl)).pending.map(({ name }) => name);
}

/** A key without the right to list packages: unknown. Anything else is a defect. */
function unlessCoded(error: unknown): null {
	if (error instanceof TrufflesError) return null;
	throw error;
}
