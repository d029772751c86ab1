import { readPrivateJson, writePrivateJson, type StateFolder } from './state-folder';

/** What a start remembers for the next one; nothing here is secret or lasting. */
export interface StackMemory {
	readonly postgresPort?: number;
	readonly brokerPort?: number;
	/** Of --queue-mode. */
	readonly webhookPort?: number;
	readonly redisPort?: number;
	/** Hash of the data each n8n credential was last written with, by name. */
	readonly credentialHashes?: Readonly<Record<string, string>>;
}

/** The memory of earlier starts; empty on the first one. */
export function loadMemory(folder: StateFolder): StackMemory {
	return (readPrivateJson(folder.memoryFile) ?? {}) as StackMemory;
}

/** Adds to the memory. */
export function remember(folder: StateFolder, news: StackMemory): void {
	writePrivateJson(folder.memoryFile, { ...loadMemory(folder), ...news });
}
