/** Values that are kept in memory: some five of two hundred clients. The least recently used goes first. */
const MAX_VALUES = 1_000;

/** What changes only with a client's configuration: read once per version of it. */
export class PerVersion {
	private readonly known = new Map<string, { readonly version: number; readonly value: Promise<unknown> }>();

	/**
	 * @param name what it is, the same for the same `load`
	 * @param load is not remembered when it fails
	 */
	async get<Value>(clientId: string, configVersion: number, name: string, load: () => Promise<Value>): Promise<Value> {
		const key = `${clientId} ${name}`;
		const known = this.known.get(key);
		const entry = known?.version === configVersion ? known : { version: configVersion, value: load() };
		this.known.delete(key);
		this.known.set(key, entry);
		if (entry !== known)
			entry.value.catch(() => {
				if (this.known.get(key) === entry) this.known.delete(key);
			});
		const oldest = this.known.size > MAX_VALUES ? this.known.keys().next().value : undefined;
		if (oldest !== undefined) this.known.delete(oldest);
		return (await entry.value) as Value;
	}
}
