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
	readonly decryptAddress: (clientId: string, addressEnc: Buffer) => Promise<string>;
}
