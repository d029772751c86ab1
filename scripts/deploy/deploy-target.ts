import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { FetchHttp } from '../../lib/adapters/fetch-http';
import { createGatewayProbe } from '../../lib/adapters/gateway-probe';
import { readWorkflowLock } from '../../lib/adapters/workflow-lock-file';
import type { N8nApiOptions } from '../../lib/adapters/n8n-request';
import type { GatewayProbe } from '../../lib/ports/gateway-probe';
import { isInstanceAddress, parseDeployConfig, type DeployEnvironment } from '../../lib/workflows/deploy-config';
import { readRunningStack } from '../stack/running-stack';
import { locateStateFolder, REPOSITORY } from '../stack/state-folder';
import { UsageProblem } from './deploy-exit';

/** What `.truffles/` at the start of a lock file's path stands for: the folder of the local stack. */
const STATE_PREFIX = '.truffles/';
/** The environment of the stack that `npm start` keeps up. */
const LOCAL_ENV = 'dev';

/** One environment with everything needed to reach it. */
export interface DeployTarget {
	readonly environment: DeployEnvironment;
	readonly access: N8nApiOptions;
	readonly probe: GatewayProbe;
	readonly lockFile: string;
	readonly lockedIds: ReadonlyMap<string, string>;
	/** Database of the installation, null when nobody told it. */
	readonly databaseUrl: string | null;
}

export interface TargetFlags {
	readonly config: string;
	readonly apiKeyStdin: boolean;
}

/** All environments of the configuration. @throws UsageProblem with every problem of the file */
export async function readEnvironments(configFile: string): Promise<ReadonlyMap<string, DeployEnvironment>> {
	const text = await readFile(configFile, 'utf8').catch(() => null);
	if (text === null) throw new UsageProblem(`${configFile} cannot be read.`);
	const config = parseDeployConfig(text);
	if (!config.ok)
		throw new UsageProblem(`deploy.config.json:\n${config.problems.map((line) => `- ${line}`).join('\n')}`);
	return config.environments;
}

/** Name of the environment variable that belongs to one environment: `N8N_API_KEY` of `salon-mira` -> `N8N_API_KEY_SALON_MIRA`. */
export function variableOf(name: string, env: string): string {
	return `${name}_${env.toUpperCase().replace(/[^A-Z0-9]+/g, '_')}`;
}

/**
 * Finds an environment and its API key: `N8N_API_KEY_<ENV>`, `N8N_API_KEY`, standard input, or the running local stack.
 * @param isOnly false when several environments are deployed to: a key without a name would go to all of them
 * @throws UsageProblem
 */
export async function findTarget(env: string, flags: TargetFlags, isOnly = true): Promise<DeployTarget> {
	const environments = await readEnvironments(flags.config);
	const environment = environments.get(env);
	if (environment === undefined) {
		const known = [...environments.keys()].join(', ');
		throw new UsageProblem(`deploy.config.json has no environment "${env}". Known: ${known}.`);
	}
	const running = env === LOCAL_ENV ? await readRunningStack() : null;
	const override = addressOverride(env, isOnly);
	const given = flags.apiKeyStdin && isOnly ? await readStdin() : read('N8N_API_KEY', env, isOnly);
	const apiKey = given ?? running?.apiKey ?? null;
	if (apiKey === null)
		throw new UsageProblem(
			`No API key for ${env}. Set ${variableOf('N8N_API_KEY', env)}${isOnly ? ', N8N_API_KEY or use --api-key-stdin' : ''} (n8n: Settings > n8n API > Create an API key).`,
		);
	const url = override ?? (given === null && running !== null ? running.n8nUrl : environment.url);
	const isMoved = url !== environment.url;
	const http = new FetchHttp();
	const lockFile = lockFileOf(environment);
	return {
		environment: { ...environment, url, publicUrl: isMoved ? url : environment.publicUrl },
		access: { http, baseUrl: url, apiKey },
		probe: createGatewayProbe(http, isMoved ? url : environment.publicUrl),
		lockFile,
		lockedIds: await readWorkflowLock(lockFile),
		databaseUrl: read('DATABASE_URL', env, isOnly) ?? (given === null ? (running?.databaseAdminUrl ?? null) : null),
	};
}

function read(name: string, env: string, isOnly: boolean): string | null {
	const value = process.env[variableOf(name, env)]?.trim() || (isOnly ? process.env[name]?.trim() : undefined);
	return value === undefined || value === '' ? null : value;
}

function addressOverride(env: string, isOnly: boolean): string | null {
	const address = read('TRUFFLES_N8N_URL', env, isOnly);
	if (address !== null && !isInstanceAddress(address))
		throw new UsageProblem('TRUFFLES_N8N_URL must be an http(s) address without user, query or path.');
	return address;
}

function lockFileOf({ lockFile }: DeployEnvironment): string {
	return lockFile.startsWith(STATE_PREFIX)
		? path.join(locateStateFolder(process.env).home, lockFile.slice(STATE_PREFIX.length))
		: path.resolve(REPOSITORY, lockFile);
}

async function readStdin(): Promise<string | null> {
	const parts: Buffer[] = [];
	for await (const part of process.stdin) parts.push(Buffer.from(part as Uint8Array));
	return Buffer.concat(parts).toString('utf8').trim() || null;
}
