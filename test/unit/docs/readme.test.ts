import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { ERRORS } from '../../../lib/errors';
import { readStackOptions, startCommand } from '../../../scripts/stack/stack-options';
import { locateStateFolder } from '../../../scripts/stack/state-folder';

const root = path.resolve(__dirname, '../../..');
const readme = readFileSync(path.join(root, 'README.md'), 'utf8');
const readmeRu = readFileSync(path.join(root, 'README.ru.md'), 'utf8');
const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
	scripts: Record<string, string>;
};

/** The table of error codes, as README must show it. */
export function errorTable(): string {
	const rows = Object.entries(ERRORS).map(
		([code, entry]) =>
			`| \`${code}\` | ${entry.family} | ${entry.status} | ${entry.retryable ? 'yes' : 'no'} | ${entry.message} |`,
	);
	return ['| code | family | status | retry | message |', '|---|---|---|---|---|', ...rows].join('\n');
}

test('README shows every error code as the catalogue has it', () => {
	const shown = /<!-- errors:begin -->\n([\s\S]*?)\n?<!-- errors:end -->/.exec(readme)?.[1];
	expect(shown).toBe(errorTable());
});

test('every workflow file has its row in README', () => {
	const stems = readdirSync(path.join(root, 'workflows'))
		.filter((name) => /^\d+_.*\.json$/.test(name))
		.map((name) => name.replace('.json', ''));
	expect(stems.length).toBeGreaterThanOrEqual(8);
	for (const stem of stems) for (const text of [readme, readmeRu]) expect(text).toContain(`| ${stem} |`);
});

test('README has every variable that npm start reads', () => {
	const names = new Set<string>(startCommand().options.flatMap(({ envVar }) => envVar ?? []));
	const environment = new Proxy<NodeJS.ProcessEnv>(
		{},
		{ get: (_target, name) => void (typeof name === 'string' && names.add(name)) },
	);
	readStackOptions({}, environment);
	locateStateFolder(environment);
	expect(names.size).toBeGreaterThan(15);
	const rows = readme.split('\n').filter((line) => line.startsWith('| `'));
	const shown = new Set(
		rows.flatMap((row) => [...(row.split(' | ')[0] ?? '').matchAll(/`([A-Z][A-Z0-9_]+)`/g)].map((match) => match[1])),
	);
	expect([...names].filter((name) => !shown.has(name))).toEqual([]);
});

test('every npm command in both READMEs exists', () => {
	for (const text of [readme, readmeRu]) {
		const commands = [...text.matchAll(/npm (?:run )?([a-z][a-z:-]*)/g)].map((match) => match[1] as string);
		expect(commands.length).toBeGreaterThan(5);
		for (const command of commands.filter((name) => name !== 'install'))
			expect(manifest.scripts).toHaveProperty([command]);
	}
});

test('every relative link of the documentation leads to a file', () => {
	const documents = [
		'README.md',
		'README.ru.md',
		...readdirSync(path.join(root, 'docs'))
			.filter((name) => name.endsWith('.md'))
			.map((name) => `docs/${name}`),
	];
	for (const document of documents) {
		const links = [
			...readFileSync(path.join(root, document), 'utf8').matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g),
		].map((match) => match[1] as string);
		for (const link of links)
			expect({ document, link, exists: existsSync(path.join(root, path.dirname(document), link)) }).toEqual({
				document,
				link,
				exists: true,
			});
	}
});
