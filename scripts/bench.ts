/** `npm run bench -- [name ...]`: speed and memory, as ratios measured side by side in one run where that is possible. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { barText, type BenchOptions, type BenchRow, isMissed } from './bench/bench-row';
import { describeRun, describeSource, writeTable } from './bench/results-table';

const EXIT_USAGE = 64;
const DOCUMENT = path.join(__dirname, '..', 'docs', 'performance.md');

type RunBench = (options: BenchOptions) => Promise<readonly BenchRow[]>;

const BENCHES: Readonly<Record<string, () => Promise<{ runBench: RunBench }>>> = {
	router: () => import('./bench/router'),
	retrieval: () => import('./bench/retrieval'),
	gateway: () => import('./bench/gateway'),
	flow: () => import('./bench/flow'),
	growth: () => import('./bench/growth'),
	soak: () => import('./bench/soak'),
};

const HELP = `Usage: npm run bench -- [name ...] [--quick] [--write] [--json]

Benchmarks: ${Object.keys(BENCHES).join(', ')} (default: all). Progress on stderr, results on stdout.
gateway, flow, growth and soak start a whole stack of their own: n8n, PostgreSQL, and stand-ins for customers, channel
and model in a process of their own. All of them together take about half an hour, with --quick about eight minutes.

Options:
  --quick   for trying out: short times, in growth also 100,000 messages for 1,000,000 and 50 clients for 1,000
            under the same names; the figures are not for comparing
  --write   put the results into the table of docs/performance.md
  --json    results as JSON

Exit codes: 0 every bar is reached, 1 a bar is missed, 64 usage

Examples:
  npm run bench
  npm run bench -- gateway flow --quick
  npm run bench -- retrieval --json
`;

async function main(): Promise<number> {
	const { values, positionals } = parseArgs({
		allowPositionals: true,
		options: {
			json: { type: 'boolean', default: false },
			quick: { type: 'boolean', default: false },
			write: { type: 'boolean', default: false },
			help: { type: 'boolean', default: false },
		},
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
	const source = describeSource();
	const rows: BenchRow[] = [];
	for (const [name, load] of Object.entries(BENCHES)) {
		if (positionals.length > 0 && !positionals.includes(name)) continue;
		process.stderr.write(`=== ${name}\n`);
		const measured = await (await load()).runBench({ quick: values.quick });
		rows.push(...measured);
		if (values.write) {
			const run = describeRun(new Date(), source, values.quick);
			writeFileSync(DOCUMENT, writeTable(readFileSync(DOCUMENT, 'utf8'), measured, run));
		}
	}
	process.stdout.write(values.json ? `${JSON.stringify(rows, null, 2)}\n` : rows.map(rowLine).join(''));
	return rows.some(isMissed) ? 1 : 0;
}

function rowLine(row: BenchRow): string {
	const bar = barText(row);
	const verdict = bar === '' ? '' : isMissed(row) ? `  MISSED, ${bar}` : `  ok, ${bar}`;
	return `${row.bench.padEnd(10)} ${row.what.padEnd(72)} ${row.value.toFixed(2).padStart(10)} ${row.unit}${verdict}\n`;
}

main().then(
	(code) => process.exit(code),
	(error: unknown) => {
		process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
		process.exit(1);
	},
);
