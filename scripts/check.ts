/** `npm run check`: what a change needs before it is shared and what takes about a minute: lint, types, workflows, unit and node tests. */
import { runSuite, type Suite } from './suites/run-suite';

const QUICK: readonly Suite[] = ['format', 'lint', 'types', 'lint-workflows', 'unit', 'node'];

async function main(): Promise<number> {
	const failed: Suite[] = [];
	for (const suite of QUICK) {
		process.stderr.write(`\n=== ${suite}\n`);
		if ((await runSuite(suite)).failed > 0) failed.push(suite);
	}
	process.stdout.write(failed.length === 0 ? 'everything is fine\n' : `failed: ${failed.join(', ')}\n`);
	return failed.length === 0 ? 0 : 1;
}

void main().then((code) => {
	process.exitCode = code;
});
