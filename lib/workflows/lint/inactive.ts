import { perFile } from './lint-rule';

/** What is live is the deploy's decision. */
export const inactive = perFile({
	code: 'inactive',
	line: '`active` is `false` in every file: what is live is decided by the deploy, not by whoever exported last.',
	check: ({ json }, report) => {
		if (json.active !== false) report(null, `active is ${JSON.stringify(json.active)}; write false`);
	},
});
