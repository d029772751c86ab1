import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A line to a server that a test can cut and mend: cut, it refuses connections and has ended those it carried. */
export class CutLine {
	private readonly sockets = new Set<Socket>();
	private server: Server | null = null;
	private port = 0;

	constructor(private readonly target: { readonly host: string; readonly port: number }) {}

	/** The target's URL as seen through the line. */
	static async to(url: string): Promise<{ line: CutLine; url: string }> {
		const { hostname, port } = new URL(url);
		const line = new CutLine({ host: hostname, port: Number(port) });
		await line.mend();
		const through = new URL(url);
		through.hostname = '127.0.0.1';
		through.port = String(line.port);
		return { line, url: through.toString() };
	}

	async mend(): Promise<void> {
		const server = createServer((incoming) => {
			const outgoing = connect(this.target);
			for (const [from, to] of [
				[incoming, outgoing],
				[outgoing, incoming],
			] as const) {
				this.sockets.add(from);
				from.on('error', () => to.destroy());
				from.on('close', () => {
					this.sockets.delete(from);
					to.destroy();
				});
				from.pipe(to);
			}
		});
		this.server = server;
		await new Promise<void>((resolve, reject) => {
			server.on('error', reject);
			server.listen(this.port, '127.0.0.1', resolve);
		});
		this.port = (server.address() as AddressInfo).port;
	}

	async cut(): Promise<void> {
		const { server } = this;
		this.server = null;
		if (server === null) return;
		const closed = new Promise((resolve) => server.close(resolve));
		for (const socket of this.sockets) socket.destroy();
		await closed;
	}
}
