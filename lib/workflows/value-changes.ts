import { canonicalJson } from './canonical-json';
import { isJsonObject } from './workflow-file';

/** One value that differs. `undefined` means that the value is not there. */
export interface ValueChange {
	/** `parameters.rules.values[0].name` */
	readonly path: string;
	readonly from: unknown;
	readonly to: unknown;
}

const MAX_SHOWN_CHARS = 60;

/** The smallest differing values of two JSON values, with their paths. Objects are compared by key, arrays by position. */
export function valueChanges(path: string, from: unknown, to: unknown): ValueChange[] {
	if (canonicalJson(from) === canonicalJson(to)) return [];
	if (isJsonObject(from) && isJsonObject(to)) {
		const keys = [...new Set([...Object.keys(from), ...Object.keys(to)])];
		return keys.flatMap((key) => valueChanges(`${path}.${key}`, from[key], to[key]));
	}
	if (Array.isArray(from) && Array.isArray(to)) {
		const length = Math.max(from.length, to.length);
		return Array.from({ length }, (_, index) => index).flatMap((index) =>
			valueChanges(`${path}[${index}]`, from[index], to[index]),
		);
	}
	return [{ path, from, to }];
}

/** `path old -> new`; a text of several lines is shown as how many of its lines came and went. */
export function describeChange({ path, from, to }: ValueChange): string {
	if (typeof from === 'string' && typeof to === 'string' && (from.includes('\n') || to.includes('\n'))) {
		const { added, removed } = countLines(from, to);
		return `${path} (+${added} -${removed} lines)`;
	}
	return `${path} ${showValue(from)} -> ${showValue(to)}`;
}

/** A value on one line, cut when it is long. */
export function showValue(value: unknown): string {
	const text = value === undefined ? '(none)' : JSON.stringify(value);
	return text.length > MAX_SHOWN_CHARS ? `${text.slice(0, MAX_SHOWN_CHARS)}…` : text;
}

function countLines(from: string, to: string): { added: number; removed: number } {
	const [before, after] = [from.split('\n'), to.split('\n')];
	const left = new Map<string, number>();
	for (const line of before) left.set(line, (left.get(line) ?? 0) + 1);
	let common = 0;
	for (const line of after) {
		const count = left.get(line) ?? 0;
		if (count === 0) continue;
		left.set(line, count - 1);
		common += 1;
	}
	return { added: after.length - common, removed: before.length - common };
}
