import type { ClientKey } from '../crypto/client-keys';
import type { Clock } from '../ports/clock';
import type { Db } from '../ports/db';
import type { ManagerChannel } from '../ports/manager-channel';
import type { ClientKnowledge } from '../tenant/client-knowledge';
import type { HandoverAdapterName } from '../tenant/client-settings';

/** What handovers need from outside. */
export interface HandoverPorts {
	readonly db: Db;
	readonly clock: Clock;
	readonly packs: (clientId: string, configVersion: number) => Promise<ClientKnowledge>;
	/** Null when the client has not configured this adapter. */
	readonly managerChannelFor: (clientId: string, adapter: HandoverAdapterName) => Promise<ManagerChannel | null>;
	/** Throws TRF_SECRET_UNREADABLE when the master key is another one. */
	readonly unwrapKey: (clientId: string, wrapped: Buffer) => ClientKey;
	readonly decryptAddress: (clientId: string, addressEnc: Buffer) => Promise<string>;
}
