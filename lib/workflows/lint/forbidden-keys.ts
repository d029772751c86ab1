import { INSTANCE_KEYS } from '../format-workflow';
import { isJsonObject } from '../workflow-file';
import { perFile } from './lint-rule';
import { leavesOf } from './json-values';

/** What belongs to one instance or one moment stays out of the file. */
export const forbiddenKeys = perFile({
	code: 'forbidden-keys',
	line: 'A file holds no key of one instance or one moment (`id`, `versionId`, `createdAt`, `shared`, `pinData`, credential ids, cached addresses, ...): it means the same everywhere, and pinned test data never runs in production.',
	check: ({ json }, report) => {
		for (const key of INSTANCE_KEYS)
			if (key in json) report(null, `${key} belongs to an instance; remove it with npm run fmt-workflows -- --strip`);
		if (isJsonObject(json.meta) && 'instanceId' in json.meta)
			report(null, 'meta.instanceId belongs to an instance; remove it with npm run fmt-workflows -- --strip');
		for (const node of json.nodes) {
			for (const [type, credential] of Object.entries(node.credentials ?? {})) {
				if ('id' in credential) report(node, `credentials.${type}.id belongs to an instance; keep the name only`);
			}
			for (const { path, name } of leavesOf(node.parameters)) {
				if (name === 'cachedResultUrl') report(node, `parameters.${path} is an address of one instance; remove it`);
			}
		}
	},
});
