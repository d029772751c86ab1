import { choosePort } from './ports';
import { loadMemory, remember } from './stack-memory';
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

/**
 * Chooses the ports of a start and remembers the private ones for the next.
 * @throws StackProblem with the line to print when an asked or public port is in use
 */
export async function choosePorts(options: StackOptions, folder: StateFolder): Promise<StackPorts> {
	const memory = loadMemory(folder);
	const ports: StackPorts = {
		n8n: await choosePort({
			what: 'n8n',
			flag: '--n8n-port',
			asked: options.n8nPort,
			remembered: memory.n8nPort ?? null,
			usual: 5678,
			isPublic: true,
		}),
		phone: await choosePort({
			what: 'phone page',
			flag: '--phone-port',
			asked: options.phonePort,
			remembered: memory.phonePort ?? null,
			usual: 8080,
			isPublic: true,
		}),
		postgres:
			options.databaseUrl !== null
				? 0
				: await choosePort({
						what: 'PostgreSQL',
						flag: '--postgres-port',
						asked: options.postgresPort,
						remembered: memory.postgresPort ?? null,
						usual: 5433,
						isPublic: false,
					}),
		broker: await choosePort({
			what: "n8n's task runners",
			flag: '--n8n-port',
			asked: options.n8nPort === 0 ? 0 : null,
			remembered: memory.brokerPort ?? null,
			usual: 5679,
			isPublic: false,
		}),
		webhook:
			options.queueMode === null
				? 0
				: await choosePort({
						what: "n8n's webhook process",
						flag: '--n8n-port',
						asked: options.n8nPort === 0 ? 0 : null,
						remembered: memory.webhookPort ?? null,
						usual: 5680,
						isPublic: false,
					}),
		redis:
			options.queueMode === null || options.redisUrl !== null
				? 0
				: await choosePort({
						what: 'Redis',
						flag: '--n8n-port',
						asked: options.n8nPort === 0 ? 0 : null,
						remembered: memory.redisPort ?? null,
						usual: 6380,
						isPublic: false,
					}),
	};
	remember(folder, {
		postgresPort: ports.postgres,
		brokerPort: ports.broker,
		...(ports.webhook === 0 ? {} : { webhookPort: ports.webhook }),
		...(ports.redis === 0 ? {} : { redisPort: ports.redis }),
	});
	return ports;
}
