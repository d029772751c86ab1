import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { parse as parseYaml } from 'yaml';
import type { ClientFolder } from '../../lib/onboarding/client-definition';

/** A file that is missing or is not YAML; the message names it and says why. */
export class FolderProblem extends Error {}

/**
 * Reads `client.yaml`, `pack.yaml`, every Markdown file except README.md, and the domain pack that client.yaml names.
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
			problems.push(
				`${path.relative(process.cwd(), file)}: ${error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)}`,
			);
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
	if (problems.length > 0) throw new FolderProblem(problems.join('\n'));

	const names = (await readdir(folder, { recursive: true }))
		.filter((name) => /\.md$/i.test(name) && !/(^|[\\/])readme\.md$/i.test(name))
		.sort();
	const documents = await Promise.all(
		names.map(async (name) => ({
			path: name.replaceAll('\\', '/'),
			text: await readFile(path.join(folder, name), 'utf8'),
		})),
	);
	return { name: path.basename(folder), client, pack, domainPack, documents };
}
