import type { TestCluster } from './postgres';

/** Stops the cluster of `postgres-global-setup.ts`. */
export default async function stopCluster(): Promise<void> {
	await (globalThis as { trufflesTestCluster?: TestCluster }).trufflesTestCluster?.stop();
}
