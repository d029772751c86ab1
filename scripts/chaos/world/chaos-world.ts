/** The world of `npm run chaos`: the real n8n, PostgreSQL, Redis and the sandbox, with every fault injected from outside. */
import type { KillPoint } from './kill-points';

export { KILL_POINTS, type KillPoint } from './kill-points';
export { startChaosWorld } from './start-world';

export interface ChaosClient {
	readonly slug: string;
	readonly clientId: string;
	/** The short public address of this client's gateway. */
	readonly gatewayUrl: string;
	readonly webhookSecret: string;
	/** Key of this client in the sandbox. */
	readonly key: string;
	/** Words and amounts that only this client's knowledge has: none may reach another client's customer. */
	readonly marks: readonly string[];
	/** Last two digits of every amount in this client's knowledge; the others' end differently. */
	readonly priceEnding: string;
}

export type FaultyService = 'chatflow' | 'telegram' | 'openai';

/** How an outside service behaves from now on; `times` calls, or until it is set again. */
export interface ServiceFault {
	readonly mode: 'ok' | 'slow' | 'hang' | 'fail' | 'malformed' | 'reset' | 'sent_then_lost';
	readonly delayMs?: number;
	readonly status?: number;
	readonly times?: number;
}

export interface ChaosWorld {
	readonly clients: readonly ChaosClient[];
	readonly n8nUrl: string;
	/** Control API as in sandbox/README.md; survives kills of n8n. */
	readonly sandboxUrl: string;
	/** Straight to PostgreSQL, not through the line that faults are injected into; for the checker. */
	readonly databaseAdminUrl: string;
	readonly hasRedis: boolean;
	/** Folder of the logs of n8n, one file per start, and of Redis; gone after `stop`. */
	readonly logsDir: string;
	/** How often n8n ended without being killed by the world; it was started again each time. */
	readonly unexpectedEnds: number;
	readonly log: (line: string) => void;
	/** Kills n8n's whole process group (-9) and starts it again. Returns how long it did not answer, in ms. */
	killN8n(): Promise<number>;
	/**
	 * Arms a kill: the next time the point is reached, n8n is killed (-9) exactly there and started again.
	 * @returns `reached: false` when the point was not reached within `timeoutMs`; it is disarmed then
	 */
	killN8nAt(point: KillPoint, timeoutMs: number): Promise<{ readonly reached: boolean; readonly downMs: number }>;
	/**
	 * Arms a cut: the next time the point is reached, n8n loses the connection on which it happened, and lives on. What the
	 * other side has done is done, and n8n cannot know it.
	 * @returns whether it was reached within `timeoutMs`
	 */
	cutAt(point: KillPoint, timeoutMs: number): Promise<boolean>;
	/** Returns how long PostgreSQL did not answer, in ms. */
	restartPostgres(mode: 'fast' | 'immediate'): Promise<number>;
	/** The three do nothing without Redis. */
	stopRedis(): Promise<void>;
	startRedis(): Promise<void>;
	flushRedis(): Promise<void>;
	setFault(service: FaultyService, fault: ServiceFault): Promise<void>;
	/** Replaces the installed package by another build (a folder as `npm pack` packs it) and starts n8n again. */
	swapPackage(packageDir: string): Promise<void>;
	/** Runs SQL as the owner of the schema. */
	applySql(sql: string): Promise<void>;
	/** Stops and removes everything. Safe to call twice. */
	stop(): Promise<void>;
}

export interface WorldOptions {
	/** Businesses; default 3. */
	readonly clients?: number;
	/** Use a real Redis; without `redis-server` on PATH the world says so and runs without. */
	readonly redis: boolean;
	/** A built package to install instead of the repository's own. */
	readonly packageDir?: string;
	/** SQL run as the owner of the schema right after the migrations. */
	readonly mutateSql?: string;
	readonly onLine: (line: string) => void;
}
