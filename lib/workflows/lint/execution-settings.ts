import { perFile } from './lint-rule';
import { EXECUTE_WORKFLOW } from './node-kinds';
import { textsIn } from './json-values';

/** Settings and parameters under which a workflow runs as it reads, today and in the next major version of n8n. */
export const executionSettings = perFile({
	code: 'execution-settings',
	line: 'Workflows run in order `v1`, are called by their own owner only, and use nothing that n8n v3 removes (`callerPolicy: any`, Execute Sub-workflow per item or from a file or URL, `$getPairedItem`).',
	check: ({ json }, report) => {
		if (json.settings.executionOrder !== 'v1')
			report(null, 'settings.executionOrder must be "v1"; the older order runs branches side by side');
		if (json.settings.callerPolicy === 'any')
			report(null, 'settings.callerPolicy "any" lets every workflow call this one; write "workflowsFromSameOwner"');
		for (const node of json.nodes) {
			const { mode, source } = node.parameters;
			if (node.type === EXECUTE_WORKFLOW && mode === 'each')
				report(node, 'mode "each" is one execution per item and goes away in n8n v3; use "once"');
			if (node.type === EXECUTE_WORKFLOW && source !== undefined && source !== 'database')
				report(node, `source ${JSON.stringify(source)} goes away in n8n v3; name a workflow of this folder`);
			for (const { path, text } of textsIn(node.parameters))
				if (text.includes('$getPairedItem'))
					report(node, `parameters.${path} uses $getPairedItem, which goes away in n8n v3; use $('node').item`);
		}
	},
});
