import { inflateRawSync, inflateSync } from 'node:zlib';

/** Answer of a check: how many bytes the packed parts hold, or that they are more than allowed or no archive at all. */
export type InflatedSize =
	{ readonly kind: 'size'; readonly bytes: number } | { readonly kind: 'tooLarge' } | { readonly kind: 'broken' };

const END_OF_DIRECTORY = 0x06054b50;
const DIRECTORY_ENTRY = 0x02014b50;
const END_BYTES = 22;
const ENTRY_BYTES = 46;
const LOCAL_BYTES = 30;
const MAX_COMMENT_BYTES = 65_535;
const MAX_ENTRIES = 5_000;
const STORED = 0;
const DEFLATED = 8;
const ENCRYPTED_FLAG = 1;
/** Streams inside streams: a bomb hides its size behind one more layer. */
const MAX_LAYERS = 3;

/**
 * Unpacks every entry of a zip archive with a limit and throws the result away: what the directory says about sizes can
 * be a lie.
 *
 * @param limitBytes of all entries together
 */
export function inflatedZipSize(bytes: Uint8Array, limitBytes: number): InflatedSize {
	const archive = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const end = findEnd(archive);
	if (end === null) return { kind: 'broken' };
	const entries = archive.readUInt16LE(end + 10);
	if (entries > MAX_ENTRIES) return { kind: 'tooLarge' };
	let at = archive.readUInt32LE(end + 16);
	let total = 0;
	for (let entry = 0; entry < entries; entry += 1) {
		if (at + ENTRY_BYTES > archive.length || archive.readUInt32LE(at) !== DIRECTORY_ENTRY) return { kind: 'broken' };
		const size = entrySize(archive, at, limitBytes - total);
		if (size.kind !== 'size') return size;
		total += size.bytes;
		at += ENTRY_BYTES + archive.readUInt16LE(at + 28) + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32);
	}
	return { kind: 'size', bytes: total };
}

/** The same for the deflated streams of a PDF; what is no deflated stream counts for nothing. */
export function inflatedPdfSize(bytes: Uint8Array, limitBytes: number): InflatedSize {
	const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	let total = 0;
	let at = file.indexOf('stream');
	while (at !== -1) {
		const start = skipLineEnd(file, at + 'stream'.length);
		const size = layeredSize(file.subarray(start), limitBytes - total, MAX_LAYERS);
		if (size === null) return { kind: 'tooLarge' };
		total += size;
		at = file.indexOf('stream', start);
	}
	return { kind: 'size', bytes: total };
}

function entrySize(archive: Buffer, at: number, limitBytes: number): InflatedSize {
	const [flags, method] = [archive.readUInt16LE(at + 8), archive.readUInt16LE(at + 10)];
	const packed = archive.readUInt32LE(at + 20);
	const local = archive.readUInt32LE(at + 42);
	if ((flags & ENCRYPTED_FLAG) !== 0 || local + LOCAL_BYTES > archive.length) return { kind: 'broken' };
	const start = local + LOCAL_BYTES + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
	const data = archive.subarray(start, start + packed);
	if (method === STORED) return data.length > limitBytes ? { kind: 'tooLarge' } : { kind: 'size', bytes: data.length };
	if (method !== DEFLATED) return { kind: 'broken' };
	try {
		return { kind: 'size', bytes: inflateRawSync(data, { maxOutputLength: Math.max(1, limitBytes) }).length };
	} catch (error) {
		return isTooLarge(error) ? { kind: 'tooLarge' } : { kind: 'broken' };
	}
}

/** Null when there is more than the limit. */
function layeredSize(data: Uint8Array, limitBytes: number, layers: number): number | null {
	// 0x78 is the first byte of every zlib stream with the usual window.
	if (layers === 0 || data[0] !== 0x78) return 0;
	try {
		const inflated = inflateSync(data, { maxOutputLength: Math.max(1, limitBytes) });
		const inner = layeredSize(inflated, limitBytes - inflated.length, layers - 1);
		return inner === null ? null : inflated.length + inner;
	} catch (error) {
		return isTooLarge(error) ? null : 0;
	}
}

function skipLineEnd(file: Buffer, at: number): number {
	if (file[at] === 0x0d && file[at + 1] === 0x0a) return at + 2;
	return file[at] === 0x0a || file[at] === 0x0d ? at + 1 : at;
}

function findEnd(archive: Buffer): number | null {
	const first = Math.max(0, archive.length - END_BYTES - MAX_COMMENT_BYTES);
	for (let at = archive.length - END_BYTES; at >= first; at -= 1) {
		if (archive.readUInt32LE(at) === END_OF_DIRECTORY) return at;
	}
	return null;
}

function isTooLarge(error: unknown): boolean {
	return (error as { readonly code?: unknown } | null)?.code === 'ERR_BUFFER_TOO_LARGE';
}
