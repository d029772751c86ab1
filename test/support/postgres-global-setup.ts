import { CLUSTER_APP_PASSWORD_ENV, CLUSTER_URL_ENV, startTestCluster, type TestCluster } from './postgres';

/** Jest global setup of the integration project: one cluster for all its files; workers inherit the environment. */
export default async function startCluster(): Promise<void> {
	const cluster = await startTestCluster();
	(globalThis as { trufflesTestCluster?: TestCluster }).trufflesTestCluster = cluster;
	process.env[CLUSTER_URL_ENV] = cluster.url;
	process.env[CLUSTER_APP_PASSWORD_ENV] = cluster.appPassword;
}
