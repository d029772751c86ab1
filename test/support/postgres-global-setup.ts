import { CLUSTER_APP_PASSWORD_ENV, CLUSTER_URL_ENV, startTestCluster, type TestCluster } from './postgres';

/**
 * Jest global setup of the projects on PostgreSQL: one cluster for all their files; workers inherit the environment, and so
 * do the Jest runs that test/mutations starts.
 */
export default async function startCluster(): Promise<void> {
	if (process.env[CLUSTER_URL_ENV] !== undefined) return;
	const cluster = await startTestCluster();
	(globalThis as { trufflesTestCluster?: TestCluster }).trufflesTestCluster = cluster;
	process.env[CLUSTER_URL_ENV] = cluster.url;
	process.env[CLUSTER_APP_PASSWORD_ENV] = cluster.appPassword;
}
