/** Copies what tsc does not: icons and codex files, beside the compiled nodes and credentials in dist/. */
const { src, dest, parallel } = require('gulp');

const copy = (folder, patterns) => {
	const task = () =>
		src(
			patterns.map((pattern) => `${folder}/**/${pattern}`),
			{ encoding: false },
		).pipe(dest(`dist/${folder}`));
	task.displayName = `copy:${folder}`;
	return task;
};

exports['build:assets'] = parallel(copy('nodes', ['*.svg', '*.node.json']), copy('credentials', ['*.svg']));
exports.default = exports['build:assets'];
