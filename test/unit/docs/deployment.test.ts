/** The page docs/deployment.md: its commands are real, and it names every verb, key and exit code. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import SCHEMA from '../../../lib/workflows/deploy-config.schema.json';
import { EXIT } from '../../../scripts/deploy/deploy-exit';
import { runCommandLine, VERBS, type Flags, type Verb, type VerbName } from '../../../scripts/deploy/command-line';

const page = readFileSync(path.resolve(__dirname, '../../../docs/deployment.md'), 'utf8');
const commands = [
	...new Set(
		[...page.matchAll(/npm run (?:--silent )?deploy-workflows -- ([^`\n|>]+)/g)].map((match) =>
			(match[1] ?? '').trim(),
		),
	),
];

/** Which verb a command line would run, with its options; nothing runs. */
async function parseCommand(words: string): Promise<{ verb: VerbName; flags: Flags }> {
	let parsed: { verb: VerbName; flags: Flags } | null = null;
	const recording =
		(verb: VerbName): Verb =>
		async (flags) => {
			parsed = { verb, flags };
			return 0;
		};
	const verbs = Object.fromEntries(VERBS.map((verb) => [verb, recording(verb)])) as Record<VerbName, Verb>;
	await runCommandLine(words.split(' '), verbs);
	if (parsed === null) throw new Error(`"${words}" runs nothing`);
	return parsed;
}

test('the page shows commands', () => expect(commands.length).toBeGreaterThan(20));

for (const command of commands) {
	test(`"${command}" is understood`, async () => {
		const { verb, flags } = await parseCommand(command);
		expect(VERBS).toContain(verb);
		if (verb !== 'lint' && verb !== 'fmt') expect(flags.env !== undefined || flags.all).toBe(true);
	});
}

test('every verb has an example', async () => {
	const shown = new Set(await Promise.all(commands.map(async (command) => (await parseCommand(command)).verb)));
	expect(VERBS.filter((verb) => !shown.has(verb))).toEqual([]);
});

test('every key of an environment and every exit code is explained', () => {
	for (const key of Object.keys(SCHEMA.definitions.environment.properties)) expect(page).toContain(`| \`${key}\` |`);
	const line = page.split('\n').find((text) => text.startsWith('Exit codes:')) ?? '';
	for (const code of Object.values(EXIT)) expect(line).toMatch(new RegExp(`\\b${code}\\b`));
});

test('the CI example is YAML whose jobs wait for each other', () => {
	const text = /```yaml\n([\s\S]*?)```/.exec(page)?.[1] ?? '';
	const { jobs } = parse(text) as { jobs: Record<string, { needs?: string }> };
	for (const { needs } of Object.values(jobs)) if (needs !== undefined) expect(jobs).toHaveProperty([needs]);
	expect(Object.keys(jobs)).toEqual(['plan', 'staging', 'plan-prod', 'prod']);
});
