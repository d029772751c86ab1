/**
 * Jest transform that removes one guard while a file is read: TRUFFLES_MUTATION is the index of an entry in mutations.json.
 * A guard that is SQL is removed by test/support/postgres.ts, when it migrates the database of the run.
 * The working tree is never changed. A mutation whose text is not found is an error, so that the list cannot go stale.
 */
const path = require('node:path');
const { createTransformer } = require('@swc/jest').default ?? require('@swc/jest');

const mutations = require('./mutations.json');

const index = Number(process.env.TRUFFLES_MUTATION);
const mutation = mutations[index];
const root = path.resolve(__dirname, '../..');
const swc = createTransformer({ jsc: { target: 'es2022', parser: { syntax: 'typescript', decorators: true } } });

const mutate = (source, file) => {
	if (path.relative(root, file) !== mutation.file) return source;
	if (source.split(mutation.find).length !== 2)
		throw new Error(`mutation ${index}: its text must occur exactly once in ${mutation.file}`);
	return source.replace(mutation.find, () => mutation.replace);
};

module.exports = {
	process: (source, file, options) => swc.process(mutate(source, file), file, options),
	getCacheKey: (source, file, options) => `mutation-${index}-${swc.getCacheKey(mutate(source, file), file, options)}`,
};
