import { TrufflesError } from '../../lib/errors';
import { type ClientPack, parseClientPack } from '../../lib/pack/client-pack';
import { type DomainPack, parseDomainPack } from '../../lib/pack/domain-pack';
import { parseJsonValue } from './field-values';

const MAX_PROBLEMS = 3;

/** A client pack given as JSON in a field; null when empty. Throws TRF_FIELD_INVALID with the first problems. */
export function readClientPack(value: unknown, field: string): ClientPack | null {
	const data = parseJsonValue(value, field);
	if (data === null) return null;
	const parsed = parseClientPack(data);
	if (!parsed.ok) throw packProblem(field, parsed.problems);
	return parsed.pack;
}

/** A domain pack given as JSON in a field; null when empty. Throws TRF_FIELD_INVALID with the first problems. */
export function readDomainPack(value: unknown, field: string): DomainPack | null {
	const data = parseJsonValue(value, field);
	if (data === null) return null;
	const parsed = parseDomainPack(data);
	if (!parsed.ok) throw packProblem(field, parsed.problems);
	return parsed.pack;
}

function packProblem(field: string, problems: readonly string[]): TrufflesError {
	return new TrufflesError('TRF_FIELD_INVALID', { field, problem: problems.slice(0, MAX_PROBLEMS).join('; ') });
}
