import { isJsonObject } from './workflow-file';

/** One n8n that workflows are deployed to. Holds no secret: the API key comes from the environment or standard input. */
export interface DeployEnvironment {
	/** Address of the instance, without a path. */
	readonly url: string;
	/** A protected environment takes only saved plans; this version refuses to write to it. */
	readonly protected: boolean;
}

export type ParsedDeployConfig =
	| { readonly ok: true; readonly environments: ReadonlyMap<string, DeployEnvironment> }
	| { readonly ok: false; readonly problems: readonly string[] };

const ENVIRONMENT_KEYS = ['url', 'protected'] as const;

/** Reads `deploy.config.json`: `{"environments": {"<name>": {"url", "protected"}}}`. Unknown keys are errors; all problems together. */
export function parseDeployConfig(text: string): ParsedDeployConfig {
	let json: unknown;
	try {
		json = JSON.parse(text);
	} catch {
		return { ok: false, problems: ['is not JSON'] };
	}
	if (!isJsonObject(json) || !isJsonObject(json.environments)) return { ok: false, problems: ['must be {"environments": {"<name>": {...}}}'] };
	const problems: string[] = [];
	for (const key of Object.keys(json)) if (key !== 'environments') problems.push(`${key} is unknown; known: environments`);
	const environments = new Map<string, DeployEnvironment>();
	for (const [name, value] of Object.entries(json.environments)) {
		if (!isJsonObject(value)) {
			problems.push(`environments.${name} must be an object`);
			continue;
		}
		for (const key of Object.keys(value)) {
			if (!(ENVIRONMENT_KEYS as readonly string[]).includes(key)) problems.push(`environments.${name}.${key} is unknown; known: ${ENVIRONMENT_KEYS.join(', ')}`);
		}
		if (!isInstanceAddress(value.url)) problems.push(`environments.${name}.url must be an http(s) address without user, query or path`);
		if (typeof value.protected !== 'boolean') problems.push(`environments.${name}.protected must be true or false`);
		environments.set(name, { url: String(value.url), protected: value.protected === true });
	}
	return problems.length > 0 ? { ok: false, problems } : { ok: true, environments };
}

/** Whether a value is the address of an instance: http or https, and nothing behind the port that could hold a secret. */
export function isInstanceAddress(value: unknown): value is string {
	if (typeof value !== 'string' || !URL.canParse(value)) return false;
	const url = new URL(value);
	return /^https?:$/.test(url.protocol) && url.username === '' && url.password === '' && url.search === '' && url.pathname === '/';
}
