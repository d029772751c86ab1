/** The sandbox of the outside world: ChatFlow, Telegram and a model endpoint in one process, with a page to play on. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fastify from 'fastify';
import type { FastifyInstance } from 'fastify';
import { registerAnthropic } from './anthropic';
import { registerChatflow } from './chatflow';
import { registerControl } from './control';
import { registerOpenai } from './openai';
import { checkOptions, isLoopbackHost } from './options';
import type { SandboxOptions } from './options';
import { PhoneDelivery } from './phone-delivery';
import { SandboxState } from './state';
import { StateFile } from './state-file';
import { registerTelegram } from './telegram';
import { TelegramBots } from './telegram-bot';
import { GroupPeople, PeopleRefusal } from './telegram-people';

export type { SandboxOptions, SandboxClientOptions } from './options';

export interface Sandbox {
	/** For example `http://127.0.0.1:4010`, without a slash at the end. */
	readonly url: string;
	/** Saves, ends hanging answers and deliveries, frees the port. Safe to call twice. */
	close(): Promise<void>;
}

const PAGE_FILES: Readonly<Record<string, { file: string; type: string }>> = {
	'/': { file: 'index.html', type: 'text/html; charset=utf-8' },
	'/page/app.js': { file: 'app.js', type: 'text/javascript; charset=utf-8' },
	'/page/phone.js': { file: 'phone.js', type: 'text/javascript; charset=utf-8' },
	'/page/group.js': { file: 'group.js', type: 'text/javascript; charset=utf-8' },
	'/page/world.js': { file: 'world.js', type: 'text/javascript; charset=utf-8' },
	'/page/words.js': { file: 'words.js', type: 'text/javascript; charset=utf-8' },
	'/page/style.css': { file: 'style.css', type: 'text/css; charset=utf-8' },
	'/page/icon.svg': { file: 'icon.svg', type: 'image/svg+xml' },
};
const PAGE_POLICY =
	"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/**
 * Starts the sandbox on loopback.
 *
 * @throws Error that lists every problem of the options, or the system's error when the port is taken
 */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
	const firstClient = checkOptions(options);
	const state = new SandboxState();
	state.putClient(firstClient);
	const bots = new TelegramBots(state);
	const file = options.stateFile === undefined ? null : new StateFile(options.stateFile, state, bots);
	const app = fastify({
		logger: false,
		forceCloseConnections: true,
		ajv: { customOptions: { removeAdditional: false, coerceTypes: true } },
		routerOptions: { maxParamLength: 300 },
	});
	let url = '';
	const phone = new PhoneDelivery(state, () => url);
	const people = new GroupPeople(state, bots);

	addBodyParsers(app);
	refuseStrangers(app);
	registerChatflow(app, state, phone);
	registerTelegram(app, state, bots);
	registerOpenai(app, state, options.openai.apiKey);
	registerAnthropic(app, state, options.openai.apiKey);
	registerControl(app, { state, phone, bots, people });
	registerPage(app);

	let closing: Promise<void> | null = null;
	const close = () => {
		closing ??= (async () => {
			bots.stop();
			phone.stop();
			await app.close();
			file?.close();
		})();
		return closing;
	};
	try {
		url = await app.listen({ port: options.port, host: options.host ?? '127.0.0.1' });
	} catch (error) {
		await close();
		throw error;
	}
	return { url, close };
}

function addBodyParsers(app: FastifyInstance): void {
	app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) => {
		done(null, Object.fromEntries(new URLSearchParams(String(body))));
	});
	app.addContentTypeParser('multipart/form-data', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
}

/**
 * A web page elsewhere must not drive the sandbox through the visitor's browser: a foreign name for this
 * machine (DNS rebinding) and a foreign origin are refused.
 */
function refuseStrangers(app: FastifyInstance): void {
	app.addHook('onRequest', async (request, reply) => {
		const host = request.headers.host ?? '';
		const { origin } = request.headers;
		const isForeignOrigin = origin !== undefined && origin !== `http://${host}`;
		if (!isLoopbackHost(host.replace(/:\d+$/, '')) || isForeignOrigin) {
			return reply.code(403).send({ error: 'The sandbox answers this machine and its own page only.' });
		}
	});
	app.setErrorHandler((error: Error & { statusCode?: number; validation?: unknown }, request, reply) => {
		const status = error instanceof PeopleRefusal ? 409 : (error.statusCode ?? 500);
		const words = status >= 500 ? 'The sandbox itself failed.' : error.message;
		if (request.url.startsWith('/telegram/')) {
			return reply.code(status).send({
				ok: false,
				error_code: status,
				description: status === 400 ? "Bad Request: can't parse JSON object" : words,
			});
		}
		if (request.url.startsWith('/openai/')) {
			return reply.code(status).send({
				error: {
					message: 'We could not parse the JSON body of your request.',
					type: 'invalid_request_error',
					param: null,
					code: null,
				},
			});
		}
		if (request.url.startsWith('/anthropic/')) {
			return reply.code(status).send({
				type: 'error',
				error: { type: 'invalid_request_error', message: 'The request body is not valid JSON' },
			});
		}
		return reply.code(status).send({ error: words });
	});
}

function registerPage(app: FastifyInstance): void {
	for (const [path, { file, type }] of Object.entries(PAGE_FILES)) {
		app.get(path, (_request, reply) =>
			reply
				.type(type)
				.header('cache-control', 'no-store')
				.header('content-security-policy', PAGE_POLICY)
				.header('x-content-type-options', 'nosniff')
				.send(readFileSync(join(__dirname, 'page', file))),
		);
	}
	app.get('/favicon.ico', (_request, reply) => reply.redirect('/page/icon.svg'));
}
