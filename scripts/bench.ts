/** `npm run bench -- [name ...]`: speed and memory, as ratios measured side by side in one run where that is possible. */
import { parseArgs } from 'node:util';

import type { BenchRow } from './bench/bench-row';

const EXIT_USAGE = 64;

type RunBench = () => Promise<readonly BenchRow[]>;

const BENCHES: Readonly<Record<string, () => Promise<{ runBench: RunBench }>>> = {
	router: () => import('./bench/router'),
	retrieval: () => import('./bench/retrieval'),
};

const HELP = `Usage: npm run bench -- [name ...] [--json]

Benchmarks: ${Object.keys(BENCHES).join(', ')} (default: all). Progress on stderr, results on stdout.

Exit codes: 0 every bar is reached, 1 a bar is missed, 64 usage

Examples:
  npm run bench
  npm run bench -- retrieval --json
`;

async function main(): Promise<number> {
	const { values, positionals } = parseArgs({
		allowPositionals: true,
		options: { json: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } },
	});
	if (values.help) {
		process.stdout.write(HELP);
		return 0;
	}
	const unknown = positionals.filter((name) => !Object.hasOwn(BENCHES, name));
	if (unknown.length > 0) {
		process.stderr.write(`There is no benchmark ${unknown.join(', ')}.\n\n${HELP}`);
		return EXIT_USAGE;
	}
	const rows: BenchRow[] = [];
	for (const [name, load] of Object.entries(BENCHES)) {
		if (positionals.length > 0 && !positionals.includes(name)) continue;
		process.stderr.write(`=== ${name}\n`);
		rows.push(...(await (await load()).runBench()));
	}
	process.stdout.write(values.json ? `${JSON.stringify(rows, null, 2)}\n` : rows.map(rowLine).join(''));
	return rows.some((row) => row.bar !== undefined && row.value > row.bar) ? 1 : 0;
}

function rowLine({ bench, what, value, unit, bar }: BenchRow): string {
	const verdict =
		bar === undefined ? '' : value > bar ? `  MISSED, at most ${bar} ${unit}` : `  ok, at most ${bar} ${unit}`;
	return `${bench.padEnd(10)} ${what.padEnd(62)} ${value.toFixed(2).padStart(10)} ${unit}${verdict}\n`;
}

main().then(
	(code) => process.exit(code),
	(error: unknown) => {
		process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
		process.exit(1);
	},
);
