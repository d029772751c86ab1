import Ajv, { type ErrorObject } from 'ajv';
import { describeSchemaProblems } from '../tenant/schema-problems';
import SCHEMA from './deploy-config.schema.json';

/** Versions of n8n an environment may run: `from` inclusive, `below` exclusive. */
export interface VersionRange {
	readonly from?: string;
	readonly below?: string;
}

/** One n8n that workflows are deployed to. Holds no secret: the API key comes from the environment or standard input. */
export interface DeployEnvironment {
	readonly name: string;
	/** Address of the instance, without a path. */
	readonly url: string;
	/** Address that channels deliver to. */
	readonly publicUrl: string;
	/** A protected environment takes only saved plans. */
	readonly protected: boolean;
	readonly tags: readonly string[];
	readonly requires: { readonly n8n: VersionRange; readonly package: boolean; readonly migrations: boolean };
	/** Name in the files -> name in this environment. */
	readonly credentials: ReadonlyMap<string, string>;
	readonly lockFile: string;
}

export type ParsedDeployConfig =
	| { readonly ok: true; readonly environments: ReadonlyMap<string, DeployEnvironment> }
	| { readonly ok: false; readonly problems: readonly string[] };

interface RawEnvironment {
	readonly url: string;
	readonly publicUrl?: string;
	readonly protected: boolean;
	readonly tags?: readonly string[];
	readonly requires?: { readonly n8n?: VersionRange; readonly package?: boolean; readonly migrations?: boolean };
	readonly credentials?: Readonly<Record<string, string>>;
	readonly lockFile?: string;
}

const FILE = 'deploy.config.json';
/** What ajv's own words for a format would not say. */
const ADDRESS_WORDS = 'must be an http(s) address without user, query or path';

const ajv = new Ajv({ allErrors: true, verbose: true });
ajv.addFormat('instance-address', { type: 'string', validate: isInstanceAddress });
const validate = ajv.compile<{ readonly environments: Readonly<Record<string, RawEnvironment>> }>(SCHEMA);

/** Reads `deploy.config.json` (`deploy-config.schema.json`). Unknown keys are errors; all problems together. */
export function parseDeployConfig(text: string): ParsedDeployConfig {
	let json: unknown;
	try {
		json = JSON.parse(text);
	} catch {
		return { ok: false, problems: [`${FILE}: is not JSON`] };
	}
	if (!validate(json)) return { ok: false, problems: describeSchemaProblems(validate.errors?.map(withWords), FILE) };
	return {
		ok: true,
		environments: new Map(Object.entries(json.environments).map(([name, raw]) => [name, withDefaults(name, raw)])),
	};
}

function withWords(error: ErrorObject): ErrorObject {
	return error.keyword === 'format' ? { ...error, message: ADDRESS_WORDS } : error;
}

function withDefaults(name: string, raw: RawEnvironment): DeployEnvironment {
	return {
		name,
		url: raw.url,
		publicUrl: raw.publicUrl ?? raw.url,
		protected: raw.protected,
		tags: raw.tags ?? [],
		requires: {
			n8n: raw.requires?.n8n ?? {},
			package: raw.requires?.package ?? false,
			migrations: raw.requires?.migrations ?? false,
		},
		credentials: new Map(Object.entries(raw.credentials ?? {})),
		lockFile: raw.lockFile ?? `deploy/${name}.lock.json`,
	};
}

/** Whether a value is the address of an instance: http or https, and nothing behind the port that could hold a secret. */
export function isInstanceAddress(value: unknown): value is string {
	if (typeof value !== 'string' || !URL.canParse(value)) return false;
	const url = new URL(value);
	return (
		/^https?:$/.test(url.protocol) &&
		url.username === '' &&
		url.password === '' &&
		url.search === '' &&
		url.hash === '' &&
		url.pathname === '/'
	);
}
