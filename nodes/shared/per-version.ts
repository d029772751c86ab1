/** Values of so many clients are kept in memory; the one read first goes first. */
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
		if (known?.version === configVersion) return (await known.value) as Value;
		const value = load();
		this.known.delete(key);
		this.known.set(key, { version: configVersion, value });
		value.catch(() => this.known.delete(key));
		const oldest = this.known.size > MAX_VALUES ? this.known.keys().next().value : undefined;
		if (oldest !== undefined) this.known.delete(oldest);
		return await value;
	}
}
