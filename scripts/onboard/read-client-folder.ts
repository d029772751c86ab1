import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { parse as parseYaml } from 'yaml';

import { DOCUMENT_LIMITS, FileDocumentReader } from '../../lib/adapters/document-reader';
import { TrufflesError } from '../../lib/errors';
import type { ClientFolder } from '../../lib/onboarding/client-definition';
import type { FileDocument } from '../../lib/onboarding/document-definition';
import { documentFormat } from '../../lib/ports/document-reader';

/** Files that cannot be read; the message names each, with a code where there is one, and says why. */
export class FolderProblem extends Error {}

/** What belongs to a folder and is no document. */
const NO_DOCUMENT = /(?:^|\/)(?:readme\.(?:md|txt|pdf|docx)|[^/]+\.ya?ml)$/iu;

/**
 * Reads `client.yaml`, `pack.yaml`, every document (.md, .txt, .pdf, .docx; a README is none), and the domain pack that
 * client.yaml names. Links are not followed.
 *
 * @param packsDir folder of the domain packs, `<domain>.yaml`
 * @throws FolderProblem with all files that cannot be read, together
 */
export async function readClientFolder(folder: string, packsDir: string): Promise<ClientFolder> {
	if (!existsSync(folder))
		throw new FolderProblem(`There is no folder ${folder}. Name a client's folder, for example demo/demo_salon.`);
	const problems: string[] = [];
	const readYaml = async (file: string): Promise<unknown> => {
		try {
			return parseYaml(await readFile(file, 'utf8')) as unknown;
		} catch (error) {
			problems.push(`${path.relative(process.cwd(), file)}: ${firstLine(error)}`);
			return null;
		}
	};
	const client = await readYaml(path.join(folder, 'client.yaml'));
	const pack = await readYaml(path.join(folder, 'pack.yaml'));
	const domain = (client as { domain?: unknown } | null)?.domain;
	const domainPack =
		typeof domain === 'string' && /^[\w-]+$/.test(domain)
			? await readYaml(path.join(packsDir, `${domain}.yaml`))
			: null;

	const { documents, ignored } = await listDocuments(folder);
	const read: FileDocument[] = [];
	for (const name of documents) {
		try {
			read.push(await readDocument(folder, name));
		} catch (error) {
			problems.push(
				error instanceof TrufflesError ? `${error.code}  ${error.message}` : `${printable(name)}: ${firstLine(error)}`,
			);
		}
	}
	if (problems.length > 0) throw new FolderProblem(problems.join('\n'));
	return { name: path.basename(folder), client, pack, domainPack, documents: read, ignored };
}

async function listDocuments(folder: string): Promise<{ documents: string[]; ignored: string[] }> {
	const entries = await readdir(folder, { recursive: true, withFileTypes: true });
	const names = entries
		.filter((entry) => !entry.isDirectory())
		.map((entry) => ({
			name: path.relative(folder, path.join(entry.parentPath, entry.name)).replaceAll('\\', '/'),
			isFile: entry.isFile(),
		}))
		.filter(({ name }) => !NO_DOCUMENT.test(name) && !name.split('/').some((part) => part.startsWith('.')))
		.sort((a, b) => (a.name < b.name ? -1 : 1));
	const isDocument = ({ name, isFile }: { name: string; isFile: boolean }): boolean =>
		isFile && documentFormat(name) !== null;
	return {
		documents: names.filter(isDocument).map(({ name }) => name),
		ignored: names.filter((name) => !isDocument(name)).map(({ name }) => printable(name)),
	};
}

async function readDocument(folder: string, name: string): Promise<FileDocument> {
	const file = path.join(folder, name);
	const document = printable(name);
	// A file of gigabytes is refused before it is in memory.
	const { size } = await stat(file);
	if (size > DOCUMENT_LIMITS.maxFileBytes) {
		const [mb, maxMb] = [size, DOCUMENT_LIMITS.maxFileBytes].map((bytes) => Math.ceil(bytes / 1_048_576));
		throw new TrufflesError('TRF_DOCUMENT_TOO_LARGE', { document, problem: `${mb} MB, at most ${maxMb} are read` });
	}
	const bytes = await readFile(file);
	const result = await new FileDocumentReader().read(name, bytes);
	if (!result.ok) throw new TrufflesError(result.code, { document, problem: result.problem });
	return {
		path: document,
		format: result.format,
		sections: result.sections,
		frontMatter: parseFrontMatter(document, result.frontMatter),
		contentHash: createHash('sha256').update(bytes).digest('hex'),
	};
}

function parseFrontMatter(document: string, text: string | null): unknown {
	if (text === null) return null;
	try {
		return parseYaml(text, { maxAliasCount: 0 }) as unknown;
	} catch (error) {
		throw new TrufflesError('TRF_DOCUMENT_UNREADABLE', {
			document,
			problem: `its front matter is no YAML: ${firstLine(error)}`,
		});
	}
}

/** A file's name as one line: it is shown to people and named as a source. */
function printable(name: string): string {
	return name.normalize('NFC').replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ');
}

function firstLine(error: unknown): string {
	return error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
}
