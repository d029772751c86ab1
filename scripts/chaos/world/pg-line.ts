import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { asksForEncryption, NO_ENCRYPTION, type PgMessage, PgMessageReader } from './pg-messages';
import { type Answer, PgSessionLog } from './pg-session-log';

/** Told what passes a line; both decide at once, because the bytes wait for them. */
export interface PgLineWatch {
	/** Before the server gets the statement. True: it never does, and the connection ends here. */
	readonly onStatement: (text: string) => boolean;
	/** Before the client gets the answer. True: it never does, and the connection ends here. */
	readonly onAnswer: (answer: Answer) => boolean;
}

export interface PgLine {
	/** The target's address as seen through the line. */
	readonly url: string;
	close(): Promise<void>;
}

/** Lays a line to PostgreSQL on which a connection can be cut between a statement and its answer. Without TLS. */
export async function openPgLine(targetUrl: string, watch: PgLineWatch): Promise<PgLine> {
	const target = new URL(targetUrl);
	const sockets = new Set<Socket>();
	const server = createServer((client) => {
		const upstream = connect({ host: target.hostname, port: Number(target.port) });
		for (const socket of [client, upstream]) {
			socket.setNoDelay(true);
			sockets.add(socket);
			socket.on('close', () => sockets.delete(socket));
		}
		carry(client, upstream, watch);
	});
	await new Promise<void>((resolve, reject) => {
		server.once('error', reject);
		server.listen(0, '127.0.0.1', resolve);
	});
	const url = new URL(targetUrl);
	url.hostname = '127.0.0.1';
	url.port = String((server.address() as AddressInfo).port);
	return { url: url.href, close: async () => await closeAll(server, sockets) };
}

function carry(client: Socket, upstream: Socket, watch: PgLineWatch): void {
	const log = new PgSessionLog();
	const end = (): void => {
		client.destroy();
		upstream.destroy();
	};
	const pass = (from: Socket, to: Socket, side: 'client' | 'server', isHeld: (message: PgMessage) => boolean): void => {
		const reader = new PgMessageReader(side);
		from.on('data', (chunk: Buffer) => {
			let messages: PgMessage[];
			try {
				messages = reader.push(chunk);
			} catch {
				end();
				return;
			}
			const passing: Buffer[] = [];
			for (const message of messages) {
				if (message.type === '' && asksForEncryption(message.bytes)) from.write(NO_ENCRYPTION);
				else if (isHeld(message)) return end();
				else passing.push(message.bytes);
			}
			if (passing.length === 0 || to.destroyed) return;
			if (to.write(passing.length === 1 ? (passing[0] as Buffer) : Buffer.concat(passing))) return;
			from.pause();
			to.once('drain', () => from.resume());
		});
		// What was written before the end still arrives: a server that stops says why.
		from.on('end', () => to.end());
		from.on('error', end);
		from.on('close', () => (from.errored === null ? to.end() : end()));
	};
	pass(client, upstream, 'client', (message) => {
		const text = log.onClient(message);
		return text !== null && watch.onStatement(text);
	});
	pass(upstream, client, 'server', (message) => {
		const answer = log.onServer(message);
		return answer !== null && watch.onAnswer(answer);
	});
}

async function closeAll(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
	if (!server.listening) return;
	const closed = new Promise((resolve) => server.close(resolve));
	for (const socket of sockets) socket.destroy();
	await closed;
}
