import type { IExecuteFunctions } from 'n8n-workflow';

import { TrufflesError } from '../../lib/errors';
import { getPlatform, type Platform } from './platform';

/** True when the node has a credential of this type selected; nodes work without the optional ones. */
export function hasCredential(context: IExecuteFunctions, type: string): boolean {
	return context.getNode().credentials?.[type] !== undefined;
}

/**
 * The shared connections, for work that cannot be done without them.
 * Throws TRF_PLATFORM_CREDENTIAL_INVALID when no platform credential is selected.
 */
export async function requirePlatform(context: IExecuteFunctions): Promise<Platform> {
	if (!hasCredential(context, 'trufflesPlatformApi')) {
		throw new TrufflesError('TRF_PLATFORM_CREDENTIAL_INVALID', { problem: 'none is selected in this node' });
	}
	return await getPlatform.call(context);
}

/**
 * Starts connecting once per execution, so that the failure belongs to each item (and goes to the error output)
 * and not to the whole node.
 */
export function connectOnce<T>(connect: () => Promise<T>): () => Promise<T> {
	let connected: Promise<T> | null = null;
	return async () => await (connected ??= connect());
}

/** The client with this slug. Throws TRF_CLIENT_UNKNOWN. */
export async function requireClientId(
	platform: Platform,
	slug: string,
): Promise<{ id: string; configVersion: number; timeZone: string }> {
	const client = await platform.tenants.resolveBySlug(slug);
	if (client === null) throw new TrufflesError('TRF_CLIENT_UNKNOWN');
	return { id: client.id, configVersion: client.configVersion, timeZone: client.timeZone };
}
