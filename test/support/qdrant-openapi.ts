/**
 * Qdrant's REST API as its own OpenAPI description says: the types that @qdrant/js-client-rest generated from it, turned into
 * JSON schemas. Nothing of it is written down here a second time.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import Ajv, { type ValidateFunction } from 'ajv';
import { createGenerator } from 'ts-json-schema-generator';
import ts from 'typescript';

/** The package lets nobody resolve it otherwise than as code. */
const DESCRIPTION = path.join(
	__dirname,
	'../../node_modules/@qdrant/js-client-rest/dist/types/openapi/generated_schema.d.ts',
);
const SCHEMA_REFERENCE = /components\["schemas"\]\["(\w+)"\]/gu;

export interface ApiRequest {
	readonly method: string;
	/** Without the query. */
	readonly path: string;
	/** Parsed JSON; null for none. */
	readonly body: unknown;
}

interface Endpoint {
	readonly pattern: RegExp;
	readonly method: string;
	/** Name of the schema of the body; null when the endpoint takes none. */
	readonly bodySchema: string | null;
}

/** Checks requests against the description. */
export class QdrantApi {
	private constructor(
		private readonly endpoints: readonly Endpoint[],
		private readonly validators: ReadonlyMap<string, ValidateFunction>,
	) {}

	/** Reads the description; schemas are made for the bodies of the given endpoints only, because that takes time. */
	static load(paths: readonly string[]): QdrantApi {
		const source = ts.createSourceFile('api.d.ts', readFileSync(DESCRIPTION, 'utf8'), ts.ScriptTarget.Latest, true);
		const operations = membersOf(interfaceNamed(source, 'operations'));
		const endpoints = [...membersOf(interfaceNamed(source, 'paths'))].flatMap(([template, node]) =>
			[...membersOf(node)].map(([method, operation]): Endpoint & { readonly template: string } => {
				const id = /operations\["(\w+)"\]/u.exec(operation.getText())?.[1] ?? '';
				const body = operations.get(id)?.getText() ?? '';
				const schema =
					/requestBody\??: \{\s*content: \{\s*"application\/json": components\["schemas"\]\["(\w+)"\]/u.exec(body);
				return {
					template,
					pattern: new RegExp(`^${template.replace(/\{\w+\}/gu, '[^/]+')}$`, 'u'),
					method: method.toUpperCase(),
					bodySchema: schema?.[1] ?? null,
				};
			}),
		);
		const needed = new Set(
			endpoints
				.filter(({ template }) => paths.includes(template))
				.flatMap(({ bodySchema }) => (bodySchema === null ? [] : [bodySchema])),
		);
		return new QdrantApi(endpoints, compileSchemas(source, [...needed]));
	}

	/** What is wrong with a request; empty when the description allows it. */
	problemsOf({ method, path: requestPath, body }: ApiRequest): readonly string[] {
		const atPath = this.endpoints.filter(({ pattern }) => pattern.test(requestPath));
		if (atPath.length === 0) return [`there is no path ${requestPath}`];
		const endpoint = atPath.find((candidate) => candidate.method === method);
		if (endpoint === undefined) return [`${requestPath} knows no ${method}`];
		if (endpoint.bodySchema === null) return body === null ? [] : [`${method} ${requestPath} takes no body`];
		const validate = this.validators.get(endpoint.bodySchema);
		if (validate === undefined) return [`no schema was made for ${endpoint.bodySchema}`];
		return validate(body)
			? []
			: [
					...new Set(
						(validate.errors ?? []).map((error) => `${endpoint.bodySchema}${error.instancePath}: ${error.message}`),
					),
				];
	}
}

/** Types that refer to one another through `components` become types of their own, which the generator can name. */
function compileSchemas(source: ts.SourceFile, names: readonly string[]): ReadonlyMap<string, ValidateFunction> {
	const schemas = membersOf(membersOf(interfaceNamed(source, 'components')).get('schemas'));
	const folder = mkdtempSync(path.join(tmpdir(), 'truffles-qdrant-api-'));
	try {
		const file = path.join(folder, 'schemas.ts');
		const types = [...schemas].map(
			([name, node]) => `export type ${name} = ${node.getText().replace(SCHEMA_REFERENCE, '$1')};`,
		);
		writeFileSync(file, types.join('\n'));
		const generator = createGenerator({
			path: file,
			skipTypeCheck: true,
			additionalProperties: false,
			expose: 'export',
		});
		return new Map(
			names.map((name) => {
				const ajv = new Ajv({ strict: false, allErrors: true });
				return [name, ajv.compile(generator.createSchema(name))] as const;
			}),
		);
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}

function interfaceNamed(source: ts.SourceFile, name: string): ts.InterfaceDeclaration {
	const found = source.statements.find(
		(statement): statement is ts.InterfaceDeclaration =>
			ts.isInterfaceDeclaration(statement) && statement.name.text === name,
	);
	if (found === undefined) throw new Error(`The description of Qdrant's API has no ${name}.`);
	return found;
}

/** Members of an interface or an object type, by name: the type of each. */
function membersOf(node: ts.Node | undefined): ReadonlyMap<string, ts.TypeNode> {
	const members =
		node !== undefined && (ts.isInterfaceDeclaration(node) || ts.isTypeLiteralNode(node)) ? node.members : [];
	return new Map(
		[...members].flatMap((member) =>
			ts.isPropertySignature(member) && member.type !== undefined
				? [
						[
							ts.isIdentifier(member.name) || ts.isStringLiteral(member.name)
								? member.name.text
								: member.name.getText(),
							member.type,
						] as const,
					]
				: [],
		),
	);
}
