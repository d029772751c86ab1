import { DatabaseError } from 'pg';
import { TrufflesError } from '../errors';

/** SQLSTATE: class 08 connection exceptions, server shutting down or starting, no free connection. */
const UNREACHABLE_STATES = /^(08...|57P0[1-3]|53300)$/;

/**
 * Turns a failure of the connection into TRF_DB_UNREACHABLE and leaves what the server said about a statement alone.
 *
 * The driver raises plain errors for a broken or timed-out connection, DatabaseError for the server's answers and
 * TypeError for parameters it cannot serialise.
 */
export function asDbError(error: unknown): unknown {
	if (error instanceof TrufflesError || error instanceof TypeError || error instanceof RangeError) return error;
	if (error instanceof DatabaseError) {
		if (!UNREACHABLE_STATES.test(error.code ?? '')) return error;
		return new TrufflesError('TRF_DB_UNREACHABLE', { detail: error.code ?? 'connection' }, error);
	}
	const code = (error as { code?: unknown } | null)?.code;
	return new TrufflesError(
		'TRF_DB_UNREACHABLE',
		{ detail: typeof code === 'string' ? code : 'connection lost' },
		error,
	);
}
