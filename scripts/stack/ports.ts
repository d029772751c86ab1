import { createServer } from 'node:net';
import { StackProblem } from './stack-problem';

/** One port the stack listens on, always on 127.0.0.1. */
export interface PortWish {
	/** Shown in the line about a port in use. */
	readonly what: string;
	/** The flag that changes it, for the same line. */
	readonly flag: string;
	/** Given by flag or environment: only this one will do. */
	readonly asked: number | null;
	/** Used last time, or null. */
	readonly remembered: number | null;
	readonly usual: number;
	/** True for addresses that people know by heart: another free port would surprise them. */
	readonly isPublic: boolean;
}

/** True when nothing listens on this port of 127.0.0.1. */
export function isPortFree(port: number): Promise<boolean> {
	return new Promise((resolve) => {
		const server = createServer();
		server.once('error', () => resolve(false));
		server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
	});
}

/** A port that was free a moment ago. */
export function findFreePort(): Promise<number> {
	return new Promise((resolve, reject) => {
		const server = createServer();
		server.once('error', reject);
		server.listen(0, '127.0.0.1', () => {
			const address = server.address();
			const port = typeof address === 'object' && address !== null ? address.port : 0;
			server.close(() => resolve(port));
		});
	});
}

/**
 * Chooses a port: the asked one, else the remembered one, else the usual one. `asked: 0` means any free one.
 * A private port (PostgreSQL, runner broker) that is taken is replaced by a free one.
 * @throws StackProblem with the line to print when an asked or public port is in use
 */
export async function choosePort(wish: PortWish): Promise<number> {
	if (wish.asked === 0) return findFreePort();
	const port = wish.asked ?? wish.remembered ?? wish.usual;
	if (await isPortFree(port)) return port;
	if (wish.asked === null && !wish.isPublic) return findFreePort();
	throw new StackProblem(
		`Port ${port} (${wish.what}) is in use. Stop what uses it, or start with ${wish.flag} <another port>.`,
	);
}
