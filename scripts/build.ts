/** `npm run build`: compiles the package into dist/, with icons and codex files. Exit codes: 0 built, 1 it does not compile. */
import { buildPackage } from './stack/package-build';
import { problemLine } from './stack/stack-problem';

buildPackage({ force: true }).then(
	({ hash }) => process.stdout.write(`built ${hash.slice(0, 12)}\n`),
	(error: unknown) => {
		process.stderr.write(`${problemLine(error)}\n`);
		process.exitCode = 1;
	},
);
