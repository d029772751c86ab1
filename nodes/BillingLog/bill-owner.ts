import { TrufflesError } from '../../lib/errors';
import type { Platform } from '../shared/platform';
import { requireClientId } from '../shared/platform-access';

/** Whose bill a call goes to. */
export interface BillOwner {
	readonly clientId: string;
	readonly timeZone: string;
	/** Decimal string. */
	readonly usdKztRate: string;
}

const MAX_KNOWN = 1_000;
/** What each platform said last, for bills that come while its database is away. */
const known = new WeakMap<Platform, Map<string, BillOwner>>();

/**
 * The business with this slug; while the database is down, what was last known of it.
 *
 * @throws TRF_CLIENT_UNKNOWN; TRF_DB_UNREACHABLE for a business that was not seen since this process began
 */
export async function findBillOwner(platform: Platform, slug: string): Promise<BillOwner> {
	const owners = known.get(platform) ?? new Map<string, BillOwner>();
	known.set(platform, owners);
	const remembered = owners.get(slug);
	const asked = askForOwner(platform, slug);
	const owner =
		remembered === undefined
			? await asked
			: await asked.catch(async (error: unknown) => (isOutage(error) ? remembered : await Promise.reject(error)));
	if (owners.size >= MAX_KNOWN) owners.clear();
	owners.set(slug, owner);
	return owner;
}

async function askForOwner(platform: Platform, slug: string): Promise<BillOwner> {
	const client = await requireClientId(platform, slug);
	const { settings } = await platform.packs(client.id, client.configVersion);
	return { clientId: client.id, timeZone: client.timeZone, usdKztRate: settings.model.usdKztRate };
}

function isOutage(error: unknown): boolean {
	return error instanceof TrufflesError && error.code === 'TRF_DB_UNREACHABLE';
}
