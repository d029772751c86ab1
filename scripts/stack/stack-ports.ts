import { choosePort } from './ports';
import { loadMemory, remember, type StackMemory } from './stack-memory';
import type { StackOptions } from './stack-options';
import type { StateFolder } from './state-folder';

/** Where the parts of one stack listen, always on 127.0.0.1; 0 for a part that this stack does not start. */
export interface StackPorts {
	readonly n8n: number;
	readonly phone: number;
	readonly postgres: number;
	/** Of n8n's task runners. */
	readonly broker: number;
	/** Of queue mode. */
	readonly webhook: number;
	readonly redis: number;
}

type PrivatePort = Exclude<keyof StackMemory, 'credentialHashes'>;

/**
 * Chooses the ports of a start and remembers the private ones for the next.
 * @throws StackProblem with the line to print when an asked or public port is in use
 */
export async function choosePorts(options: StackOptions, folder: StateFolder): Promise<StackPorts> {
	const memory = loadMemory(folder);
	const publicPort = (what: string, flag: string, asked: number | null, usual: number): Promise<number> =>
		choosePort({ what, flag, asked, remembered: null, usual, isPublic: true });
	// Earlier versions remembered 0 for a part that they did without.
	const privatePort = (what: string, flag: string, asked: number | null, name: PrivatePort, usual: number) =>
		choosePort({ what, flag, asked, remembered: memory[name] || null, usual, isPublic: false });
	/** A stack whose editor may be anywhere has no usual ports at all. */
	const besideN8n = options.n8nPort === 0 ? 0 : null;
	const isQueueMode = options.queueMode !== null;
	const ownRedis = isQueueMode && options.redisUrl === null;

	const n8n = await publicPort('n8n', '--n8n-port', options.n8nPort, 5678);
	const phone = await publicPort('phone page', '--phone-port', options.phonePort, 8080);
	const postgres =
		options.databaseUrl === null
			? await privatePort('PostgreSQL', '--postgres-port', options.postgresPort, 'postgresPort', 5433)
			: null;
	const broker = await privatePort("n8n's task runners", '--n8n-port', besideN8n, 'brokerPort', 5679);
	const webhook = isQueueMode
		? await privatePort("n8n's webhook process", '--n8n-port', besideN8n, 'webhookPort', 5680)
		: null;
	const redis = ownRedis ? await privatePort('Redis', '--n8n-port', besideN8n, 'redisPort', 6380) : null;

	// A part that this start does without keeps the port that it had.
	remember(folder, {
		brokerPort: broker,
		...(postgres === null ? {} : { postgresPort: postgres }),
		...(webhook === null ? {} : { webhookPort: webhook }),
		...(redis === null ? {} : { redisPort: redis }),
	});
	return { n8n, phone, postgres: postgres ?? 0, broker, webhook: webhook ?? 0, redis: redis ?? 0 };
}
