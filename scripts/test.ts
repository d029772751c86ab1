/** `npm test`: all suites, or the named ones. The last line of stdout is `N passed, N failed, N skipped`. */
import { ensureRedisServer } from './suites/redis-server';
import { NAMED_SUITES, runSuite, SUITES, type Suite } from './suites/run-suite';

const EXIT_USAGE = 64;
const KNOWN: readonly Suite[] = [...SUITES, ...NAMED_SUITES];

const HELP = `Usage: npm test [-- <suite> ...]

Suites, in this order: ${SUITES.join(', ')} (default: all). format, lint, types and lint-workflows count as one check each.
Only when named: ${NAMED_SUITES.join(', ')} (kills of n8n at exact moments, and the checker of chaos without its guards).

Exit codes: 0 all passed, 1 something failed or nothing ran, 64 usage

Examples:
  npm test
  npm test -- unit node
  npm test -- chaos-guards
  npm run test:unit
`;

async function main(names: readonly string[]): Promise<number> {
	if (names.includes('--help')) {
		process.stdout.write(HELP);
		return 0;
	}
	const unknown = names.filter((name) => !(KNOWN as readonly string[]).includes(name));
	if (unknown.length > 0) {
		process.stderr.write(`There is no suite ${unknown.join(', ')}.\n\n${HELP}`);
		return EXIT_USAGE;
	}
	const wanted: readonly Suite[] = names.length === 0 ? SUITES : KNOWN.filter((suite) => names.includes(suite));
	if ((['integration', 'e2e', 'chaos', 'chaos-guards'] as const).some((suite) => wanted.includes(suite))) {
		const line = ensureRedisServer(process.env);
		if (line !== null) process.stderr.write(`${line}\n`);
	}
	const sum = { passed: 0, failed: 0, skipped: 0 };
	const lines: string[] = [];
	for (const suite of wanted) {
		process.stderr.write(`\n=== ${suite}\n`);
		const startedMs = performance.now();
		const totals = await runSuite(suite);
		sum.passed += totals.passed;
		sum.failed += totals.failed;
		sum.skipped += totals.skipped;
		const seconds = Math.round((performance.now() - startedMs) / 1000);
		lines.push(
			`${totals.failed === 0 ? 'ok  ' : 'FAIL'} ${suite.padEnd(15)} ${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped  ${seconds} s`,
		);
	}
	process.stderr.write(`\n${lines.join('\n')}\n\n`);
	process.stdout.write(`${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped\n`);
	return sum.failed === 0 && sum.passed > 0 ? 0 : 1;
}

main(process.argv.slice(2)).then(
	(code) => {
		process.exitCode = code;
	},
	(error: unknown) => {
		process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
		process.stdout.write('0 passed, 1 failed, 0 skipped\n');
		process.exitCode = 1;
	},
);
