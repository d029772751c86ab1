import { perFile } from './lint-rule';

const FORBIDDEN_KEYS = ['id', 'versionId', 'activeVersionId', 'createdAt', 'updatedAt', 'shared', 'triggerCount', 'staticData', 'pinData', 'tags'] as const;
const MAX_CODE_LINES = 20;

/** What belongs to one instance or one moment stays out of the file. */
export const fileContents = perFile('file-contents', 'a file means the same in every instance', ({ json }, report) => {
	for (const key of FORBIDDEN_KEYS) if (key in json) report(`${key} belongs to an instance, not to the file; run npm run fmt-workflows`);
	const meta = json.meta;
	if (typeof meta === 'object' && meta !== null && 'instanceId' in meta) report('meta.instanceId belongs to an instance');
	if (json.active !== false) report('active must be false: the deploy decides what is live');
	if (json.settings.executionOrder !== 'v1') report('settings.executionOrder must be "v1"');
	for (const node of json.nodes) {
		for (const [type, credential] of Object.entries(node.credentials ?? {})) {
			if ('id' in credential) report(`"${node.name}": credentials.${type}.id belongs to an instance; keep the name only`);
		}
		const code = node.parameters.jsCode;
		if (typeof code === 'string' && code.split('\n').length > MAX_CODE_LINES) report(`"${node.name}": more than ${MAX_CODE_LINES} lines of code; logic belongs to lib`);
	}
});
