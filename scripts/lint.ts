/** `npm run lint`: ESLint over the repository, n8n's rules for community nodes included; `npm run lint -- --fix` repairs. */
import path from 'node:path';
import { runProgram } from './suites/run-suite';

const args = process.argv.slice(2);
const targets = args.some((arg) => !arg.startsWith('-')) ? args : ['.', ...args];
void runProgram([path.resolve(__dirname, '..', 'node_modules', 'eslint', 'bin', 'eslint.js'), ...targets]).then(
	(code) => {
		process.exitCode = code;
	},
);
