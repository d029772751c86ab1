import type { IDataObject } from 'n8n-workflow';

import { TrufflesError } from '../../lib/errors';

const SECOND_MS = 1_000;
const DEFAULT_TIMEOUT_SECONDS = 8;
const DEFAULT_LOCAL_TIMEOUT_SECONDS = 10;
const MAX_TIMEOUT_SECONDS = 60;
/** The credential's own default, for data that was saved before the field was filled in. */
const DEFAULT_CHEAP_MODEL = 'gpt-4.1-mini';
const OPENAI_URL = 'https://api.openai.com/v1';
const ANTHROPIC_URL = 'https://api.anthropic.com';

/** One endpoint of the credential. */
export interface EndpointFields {
	readonly protocol: 'openaiCompatible' | 'anthropic';
	/** Without a slash at the end. */
	readonly baseUrl: string;
	readonly apiKey: string;
	/** Runs on machines of the business itself. */
	readonly isLocal: boolean;
	readonly timeoutMs: number;
}

/** The fields of a Truffles Model credential, checked. */
export interface ModelCredential {
	readonly main: EndpointFields;
	readonly backup: EndpointFields | null;
	readonly local: EndpointFields | null;
	readonly cheapModel: string;
	readonly strongModel: string;
	readonly backupModel: string | null;
	readonly localModel: string | null;
	readonly embeddingModel: string | null;
}

/** Reads the credential's data; null when it says "no model". Throws TRF_MODEL_CREDENTIAL_INVALID, naming all problems. */
export function readModelCredential(data: IDataObject): ModelCredential | null {
	if (data['provider'] === 'none') return null;
	const text = (name: string): string => (typeof data[name] === 'string' ? data[name].trim() : '');
	const protocol = data['provider'] === 'anthropic' ? 'anthropic' : 'openaiCompatible';
	const problems: string[] = [];
	const timeoutMs = readSeconds(data['timeoutSeconds'], DEFAULT_TIMEOUT_SECONDS);
	const main: EndpointFields = {
		protocol,
		baseUrl: readUrl(text('baseUrl'), protocol, 'Base URL', problems),
		apiKey: text('apiKey'),
		isLocal: data['ownMachine'] === true,
		timeoutMs,
	};
	const backupProtocol = data['backupProvider'];
	const backup: EndpointFields | null =
		backupProtocol === 'openaiCompatible' || backupProtocol === 'anthropic'
			? {
					protocol: backupProtocol,
					baseUrl: readUrl(text('backupBaseUrl'), backupProtocol, 'Backup Base URL', problems),
					apiKey: text('backupApiKey'),
					isLocal: false,
					timeoutMs,
				}
			: null;
	const local: EndpointFields | null =
		text('localBaseUrl') === ''
			? null
			: {
					protocol: 'openaiCompatible',
					baseUrl: readUrl(text('localBaseUrl'), 'openaiCompatible', 'Local Base URL', problems),
					apiKey: text('localApiKey'),
					isLocal: true,
					timeoutMs: readSeconds(data['localTimeoutSeconds'], DEFAULT_LOCAL_TIMEOUT_SECONDS),
				};
	const cheapModel = data['cheapModel'] === undefined ? DEFAULT_CHEAP_MODEL : text('cheapModel');
	const strongModel = text('strongModel') || cheapModel;
	if (cheapModel === '') problems.push('Cheap Model is empty');
	if (protocol === 'anthropic' && [cheapModel, strongModel].some((model) => /^(?:gpt-|o\d)/.test(model)))
		problems.push('Cheap Model and Strong Model must be models of Anthropic');
	if (backup !== null && text('backupModel') === '') problems.push('Backup Model is empty');
	if (local !== null && text('localModel') === '') problems.push('Local Model is empty');
	if (problems.length > 0) throw new TrufflesError('TRF_MODEL_CREDENTIAL_INVALID', { problem: problems.join('; ') });
	return {
		main,
		backup,
		local,
		cheapModel,
		strongModel,
		backupModel: backup === null ? null : text('backupModel'),
		localModel: local === null ? null : text('localModel'),
		embeddingModel: protocol === 'anthropic' ? null : text('embeddingModel') || null,
	};
}

/** The address without slashes at its end; OpenAI's own address, the field's default, means the provider's for Anthropic. */
function readUrl(written: string, protocol: EndpointFields['protocol'], field: string, problems: string[]): string {
	const url = written.replace(/\/+$/, '');
	if (protocol === 'anthropic') {
		if (url === '' || url === OPENAI_URL) return ANTHROPIC_URL;
		// The SDK adds the version itself.
		return checked(url.replace(/\/v1$/, ''), field, problems);
	}
	return checked(url, field, problems);
}

function checked(url: string, field: string, problems: string[]): string {
	if (!/^https?:\/\/\S+$/.test(url)) problems.push(`${field} must start with http:// or https://`);
	return url;
}

function readSeconds(value: unknown, byDefault: number): number {
	const seconds = typeof value === 'number' && Number.isFinite(value) && value >= 1 ? value : byDefault;
	return Math.min(MAX_TIMEOUT_SECONDS, seconds) * SECOND_MS;
}
