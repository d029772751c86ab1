import type { ChaosWorld } from './world/chaos-world';

/** Long enough that a greeting and the question behind it become one turn. */
const BURST = { completeMs: 400, fragmentMs: 900, maxMs: 2_500 };

/** The client whose customers rather get a message twice than not at all (`delivery.afterCrash`); the others keep the default. */
const PREFERS_DELIVERY = 1;

/** Gives the clients of a run their settings. */
export async function applyChaosSettings(world: ChaosWorld): Promise<void> {
	const settings = world.clients.map((client, index) => ({
		id: client.clientId,
		burst: BURST,
		...(index === PREFERS_DELIVERY ? { delivery: { afterCrash: 'prefer-delivery' } } : {}),
	}));
	for (const { id, ...own } of settings)
		await world.applySql(
			`update truffles.client_settings set settings = settings || '${JSON.stringify(own)}'::jsonb where client_id = '${id}'`,
		);
	await world.applySql('update truffles.clients set config_version = config_version + 1');
}
