import { perFile } from './lint-rule';
import { ERROR_TRIGGER } from './node-kinds';

/** An execution that fails as a whole must be heard. */
export const errorWorkflow = perFile({
	code: 'error-workflow',
	line: 'Every workflow names its error workflow, which exists and has an Error Trigger; only a workflow that handles errors names none, or another one than itself: an execution that fails as a whole would be silent.',
	check: ({ key, json }, report, { files }) => {
		const named = json.settings.errorWorkflow;
		const isHandler = json.nodes.some((node) => node.type === ERROR_TRIGGER);
		if (typeof named !== 'string' || named === '') {
			if (!isHandler) report(null, 'settings.errorWorkflow is missing; name the workflow that handles errors');
			return;
		}
		const target = files.find((file) => file.key === named);
		if (named === key)
			report(null, 'settings.errorWorkflow names the workflow itself; its own failure would start it again');
		else if (target === undefined) report(null, `settings.errorWorkflow names ${named}, and there is no such file`);
		else if (!target.json.nodes.some((node) => node.type === ERROR_TRIGGER))
			report(null, `settings.errorWorkflow names ${named}, which has no Error Trigger`);
	},
});
