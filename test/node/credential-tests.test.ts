import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type {
	ICredentialDataDecryptedObject,
	ICredentialsDecrypted,
	ICredentialTestFunctions,
	INodeProperties,
	INodeType,
} from 'n8n-workflow';

import { testChatflowCredential } from '../../nodes/shared/chatflow-credential-test';
import { testModelCredential } from '../../nodes/shared/model-credential-test';
import { testPlatformCredential } from '../../nodes/shared/platform-credential-test';
import { testWebhookCredential } from '../../nodes/shared/webhook-credential-test';
import { startHttpRecorder } from '../support/http-recorder';
import { SalonDatabase } from '../support/salon-database';

const REPOSITORY = path.join(__dirname, '..', '..');
const none = {} as ICredentialTestFunctions;
const credential = (data: ICredentialDataDecryptedObject): ICredentialsDecrypted => ({
	id: '1',
	name: 'c',
	type: 't',
	data,
});

describe('the platform credential', () => {
	let salon: SalonDatabase;
	beforeAll(async () => {
		salon = await SalonDatabase.start();
	}, 60_000);
	afterAll(async () => {
		await salon?.stop();
	});

	test('the role of the nodes passes', async () => {
		expect(await testPlatformCredential.call(none, credential(salon.platformCredential))).toMatchObject({
			status: 'OK',
		});
	});

	test('a role that bypasses row-level security is refused', async () => {
		const result = await testPlatformCredential.call(
			none,
			credential({ ...salon.platformCredential, databaseUrl: salon.adminUrl }),
		);
		expect(result).toMatchObject({ status: 'Error', message: expect.stringContaining('row-level security') });
	});

	test('a short master key and a database that is away are named, without the URL', async () => {
		expect(
			(await testPlatformCredential.call(none, credential({ ...salon.platformCredential, masterKey: 'c2hvcnQ=' })))
				.message,
		).toContain('32 bytes');
		const away = await testPlatformCredential.call(
			none,
			credential({ ...salon.platformCredential, databaseUrl: 'postgres://u:hidden@127.0.0.1:1/x' }),
		);
		expect(away.status).toBe('Error');
		expect(away.message).not.toContain('hidden');
	});
});

test('"no model" needs no endpoint; a wrong key is told from a wrong address', async () => {
	const endpoint = await startHttpRecorder(({ path: asked, headers }) =>
		asked !== '/v1/models'
			? { status: 404, json: {} }
			: { status: headers['authorization'] === 'Bearer good' ? 200 : 401, json: {} },
	);
	const model = async (data: ICredentialDataDecryptedObject) =>
		await testModelCredential.call(none, credential({ provider: 'openaiCompatible', ...data }));
	expect(await model({ provider: 'none' })).toMatchObject({ status: 'OK' });
	expect(await model({ baseUrl: `${endpoint.url}/v1/`, apiKey: 'good' })).toMatchObject({ status: 'OK' });
	expect(await model({ baseUrl: `${endpoint.url}/v1`, apiKey: 'bad' })).toMatchObject({
		status: 'Error',
		message: expect.stringContaining('API key'),
	});
	expect(await model({ baseUrl: endpoint.url, apiKey: 'good' })).toMatchObject({
		status: 'Error',
		message: expect.stringContaining('base URL'),
	});
	await endpoint.close();
});

test('a webhook header is tried where a test URL is given, and an unsendable one is refused without it', async () => {
	const receiver = await startHttpRecorder(({ headers }) => ({
		status: headers['x-key'] === 'good' ? 204 : 401,
		json: null,
	}));
	const ask = async (data: ICredentialDataDecryptedObject) =>
		await testWebhookCredential.call(none, credential({ headerName: 'X-Key', headerValue: 'good', ...data }));
	expect(await ask({ testUrl: receiver.url })).toMatchObject({ status: 'OK' });
	expect(await ask({ testUrl: receiver.url, headerValue: 'bad' })).toMatchObject({
		status: 'Error',
		message: expect.stringContaining('401'),
	});
	expect(await ask({ testUrl: '' })).toMatchObject({ status: 'OK' });
	expect(await ask({ headerName: 'X Key:' })).toMatchObject({ status: 'Error' });
	await receiver.close();
});

test('the ChatFlow test sends to nobody and does not show the token', async () => {
	const chatflow = await startHttpRecorder(({ path: asked }) =>
		asked.includes('token=good')
			? { status: 400, json: { error: 'bad jid' } }
			: { status: 200, json: { success: false, message: 'wrong token: nope' } },
	);
	const ask = async (token: string) =>
		await testChatflowCredential.call(none, credential({ baseUrl: chatflow.url, instanceId: 'i', token }));
	expect(await ask('good')).toMatchObject({ status: 'OK' });
	const refused = await ask('nope');
	expect(refused).toMatchObject({ status: 'Error' });
	expect(refused.message).not.toContain('nope');
	expect(new URL(chatflow.requests[0]?.path ?? '', chatflow.url).searchParams.get('jid')).toBe('');
	await chatflow.close();
});

describe('what the package declares', () => {
	let nodes: Array<{ folder: string; node: INodeType }>;
	beforeAll(async () => {
		const { n8n } = JSON.parse(await readFile(path.join(REPOSITORY, 'package.json'), 'utf8')) as {
			n8n: { nodes: string[] };
		};
		nodes = await Promise.all(
			n8n.nodes.map(async (file) => {
				const source = path.join(REPOSITORY, file.replace(/^dist\//, '').replace(/\.js$/, '.ts'));
				const [Class] = Object.values((await import(source)) as Record<string, new () => INodeType>);
				return { folder: path.dirname(source), node: new (Class as new () => INodeType)() };
			}),
		);
	});

	test('every node has both icons, a codex file under its own name, a subtitle and as many names as outputs', async () => {
		for (const { folder, node } of nodes) {
			const { description } = node;
			const icon = description.icon as { light: string; dark: string };
			expect([
				description.name,
				existsSync(path.join(folder, icon.light.slice(5))),
				existsSync(path.join(folder, icon.dark.slice(5))),
			]).toEqual([description.name, true, true]);
			const codex = JSON.parse(await readFile(path.join(folder, `${path.basename(folder)}.node.json`), 'utf8')) as {
				node: string;
			};
			expect(codex.node).toBe(`n8n-nodes-truffles.${description.name}`);
			expect(description.subtitle).toBeTruthy();
			const outputs = description.outputs as unknown[];
			expect([description.name, description.outputNames?.length ?? outputs.length]).toEqual([
				description.name,
				outputs.length,
			]);
		}
	});

	test('every `testedBy` names a function the node has', () => {
		for (const { node } of nodes) {
			for (const { testedBy } of node.description.credentials ?? []) {
				if (typeof testedBy === 'string') expect(node.methods?.credentialTest?.[testedBy]).toBeInstanceOf(Function);
			}
		}
	});

	test('no default outside the fields mode is an expression, so the hot path evaluates none', () => {
		const isFieldsOnly = (property: INodeProperties): boolean =>
			property.displayOptions?.show?.['source']?.includes('fields') === true;
		for (const { node } of nodes) {
			const hot = node.description.properties.some((property) => property.name === 'source')
				? node.description.properties.filter((property) => !isFieldsOnly(property))
				: [];
			expect(
				hot.filter((property) => String(property.default).startsWith('=')).map((property) => property.name),
			).toEqual([]);
		}
	});
});
