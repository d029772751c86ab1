import type { ArmedKill } from './armed-kill';
import type { ChaosClient, ChaosWorld, FaultyService, ServiceFault } from './chaos-world';
import type { KillPoint } from './kill-points';
import type { N8nLife } from './n8n-life';
import type { PostgresLife } from './postgres-life';
import type { RedisLife } from './redis-life';
import type { Salon } from './salons';
import { controlSandbox } from './sandbox-modes';

/** What `startChaosWorld` has started. */
export interface WorldParts {
	readonly salons: readonly Salon[];
	readonly clientIds: ReadonlyMap<string, string>;
	readonly n8nUrl: string;
	readonly sandboxUrl: string;
	readonly databaseAdminUrl: string;
	readonly logsDir: string;
	readonly log: (line: string) => void;
	readonly n8n: N8nLife;
	readonly armed: ArmedKill;
	readonly postgres: PostgresLife;
	/** Null: without Redis. */
	readonly redis: RedisLife | null;
	readonly swap: (packageDir: string) => void;
	readonly runAsOwner: (sql: string) => Promise<void>;
	readonly stop: () => Promise<void>;
}

/** The world while it runs. Kills of n8n and cuts wait for each other, restarts of PostgreSQL too; all else may overlap. */
export class RunningWorld implements ChaosWorld {
	readonly clients: readonly ChaosClient[];
	private readonly n8nTurn = new OneAtATime();
	private readonly postgresTurn = new OneAtATime();

	constructor(private readonly parts: WorldParts) {
		this.clients = parts.salons.map(({ slug, sandbox, marks, priceEnding }) => ({
			slug,
			clientId: parts.clientIds.get(slug) ?? '',
			gatewayUrl: sandbox.gateway.url,
			webhookSecret: sandbox.gateway.secret,
			key: sandbox.key,
			marks,
			priceEnding,
		}));
	}

	get n8nUrl(): string {
		return this.parts.n8nUrl;
	}

	get sandboxUrl(): string {
		return this.parts.sandboxUrl;
	}

	get databaseAdminUrl(): string {
		return this.parts.databaseAdminUrl;
	}

	get logsDir(): string {
		return this.parts.logsDir;
	}

	get hasRedis(): boolean {
		return this.parts.redis !== null;
	}

	get unexpectedEnds(): number {
		return this.parts.n8n.unexpectedEnds;
	}

	get log(): (line: string) => void {
		return this.parts.log;
	}

	async killN8n(): Promise<number> {
		return await this.n8nTurn.run(async () => {
			const killedMs = performance.now();
			this.parts.n8n.kill();
			await this.parts.n8n.start();
			return elapsedMs(killedMs);
		});
	}

	async killN8nAt(point: KillPoint, timeoutMs: number): Promise<{ reached: boolean; downMs: number }> {
		return await this.n8nTurn.run(async () => {
			if (!(await this.parts.armed.at(point, timeoutMs))) return { reached: false, downMs: 0 };
			const killedMs = performance.now();
			await this.parts.n8n.start();
			return { reached: true, downMs: elapsedMs(killedMs) };
		});
	}

	async cutAt(point: KillPoint, timeoutMs: number): Promise<boolean> {
		return await this.n8nTurn.run(async () => await this.parts.armed.at(point, timeoutMs, 'cut'));
	}

	async restartPostgres(mode: 'fast' | 'immediate'): Promise<number> {
		return await this.postgresTurn.run(async () => await this.parts.postgres.restart(mode));
	}

	async stopRedis(): Promise<void> {
		await this.parts.redis?.stop();
	}

	async startRedis(): Promise<void> {
		await this.parts.redis?.start();
	}

	async flushRedis(): Promise<void> {
		await this.parts.redis?.flush();
	}

	async setFault(service: FaultyService, fault: ServiceFault): Promise<void> {
		await controlSandbox(this.parts.sandboxUrl, 'modes', { [service]: fault });
	}

	async swapPackage(packageDir: string): Promise<void> {
		await this.n8nTurn.run(async () => {
			this.parts.n8n.kill();
			this.parts.swap(packageDir);
			await this.parts.n8n.start();
		});
	}

	async applySql(sql: string): Promise<void> {
		await this.parts.runAsOwner(sql);
	}

	async stop(): Promise<void> {
		await this.parts.stop();
	}
}

/** Runs what it is given one after another, also after a failure. */
class OneAtATime {
	private last: Promise<unknown> = Promise.resolve();

	async run<T>(work: () => Promise<T>): Promise<T> {
		const mine = this.last.then(work);
		this.last = mine.catch(() => undefined);
		return await mine;
	}
}

function elapsedMs(sinceMs: number): number {
	return Math.round(performance.now() - sinceMs);
}
