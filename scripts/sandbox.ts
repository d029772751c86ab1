/** `npm run sandbox`: the sandbox alone, without n8n. Tokens come from the environment; there are no defaults. */
import { startSandbox } from '../sandbox/server';
import type { SandboxOptions } from '../sandbox/server';

const EXIT_USAGE = 64;

const VARIABLES = {
	TRUFFLES_SANDBOX_CHATFLOW_TOKEN: 'token of ChatFlow',
	TRUFFLES_SANDBOX_CHATFLOW_INSTANCE: 'instance id of ChatFlow',
	TRUFFLES_SANDBOX_TELEGRAM_TOKEN: 'bot token, <digits>:<letters>',
	TRUFFLES_SANDBOX_TELEGRAM_CHAT: "id of the managers' group, for example -1001234567890",
	TRUFFLES_SANDBOX_OPENAI_KEY: 'key of the model endpoint',
	TRUFFLES_SANDBOX_GATEWAY_URL: 'where the phone posts its webhooks',
	TRUFFLES_SANDBOX_GATEWAY_SECRET: 'sent to the gateway as X-Webhook-Secret',
} as const;
type Variable = keyof typeof VARIABLES;

const HELP = `Usage: npm run sandbox [-- --help]

Starts the stand-ins for ChatFlow, Telegram and a model, with the page of the phone and the managers' group.

Required environment variables (any value of the right form will do; nothing is sent outside):
${Object.entries(VARIABLES)
	.map(([name, meaning]) => `  ${name.padEnd(36)} ${meaning}`)
	.join('\n')}
Optional:
  TRUFFLES_SANDBOX_PORT                port on 127.0.0.1, default 4010; 0 takes a free one
  TRUFFLES_SANDBOX_CLIENT              key of the client, default demo_salon
  TRUFFLES_SANDBOX_STATE_FILE          keeps the chats between two starts

Exit codes: 0 stopped by Ctrl-C, 1 could not start, 64 wrong usage.

Examples:
  TRUFFLES_SANDBOX_PORT=0 npm run sandbox
  TRUFFLES_SANDBOX_STATE_FILE=.truffles/sandbox.json npm run sandbox
  npm run sandbox -- --help
`;

/** Reads the environment; returns the problems instead of throwing, so that all are shown together. */
function readOptions(environment: NodeJS.ProcessEnv): SandboxOptions | { problems: string[] } {
	const missing = (Object.keys(VARIABLES) as Variable[]).filter((name) => !environment[name]);
	const problems = missing.map((name) => `${name} is not set: ${VARIABLES[name]}`);
	const port = Number(environment['TRUFFLES_SANDBOX_PORT'] ?? '4010');
	if (!Number.isInteger(port) || port < 0 || port > 65_535)
		problems.push('TRUFFLES_SANDBOX_PORT: a number from 0 to 65535');
	if (problems.length > 0) return { problems };
	const value = (name: Variable) => environment[name] as string;
	return {
		port,
		chatflow: {
			token: value('TRUFFLES_SANDBOX_CHATFLOW_TOKEN'),
			instanceId: value('TRUFFLES_SANDBOX_CHATFLOW_INSTANCE'),
		},
		telegram: { botToken: value('TRUFFLES_SANDBOX_TELEGRAM_TOKEN'), chatId: value('TRUFFLES_SANDBOX_TELEGRAM_CHAT') },
		openai: { apiKey: value('TRUFFLES_SANDBOX_OPENAI_KEY') },
		gateway: { url: value('TRUFFLES_SANDBOX_GATEWAY_URL'), secret: value('TRUFFLES_SANDBOX_GATEWAY_SECRET') },
		...(environment['TRUFFLES_SANDBOX_CLIENT'] ? { clientKey: environment['TRUFFLES_SANDBOX_CLIENT'] } : {}),
		...(environment['TRUFFLES_SANDBOX_STATE_FILE'] ? { stateFile: environment['TRUFFLES_SANDBOX_STATE_FILE'] } : {}),
	};
}

async function main(): Promise<void> {
	const [unknown] = process.argv.slice(2);
	if (unknown === '--help') {
		process.stdout.write(HELP);
		return;
	}
	if (unknown !== undefined) {
		process.stderr.write(`Unknown argument. ${HELP}`);
		process.exitCode = EXIT_USAGE;
		return;
	}
	const options = readOptions(process.env);
	if ('problems' in options) {
		process.stderr.write(`The sandbox cannot start:\n- ${options.problems.join('\n- ')}\n`);
		process.exitCode = EXIT_USAGE;
		return;
	}
	const sandbox = await startSandbox(options);
	process.stdout.write(`${sandbox.url}\n`);
	const stop = () => void sandbox.close();
	process.once('SIGINT', stop);
	process.once('SIGTERM', stop);
}

main().catch((error: NodeJS.ErrnoException) => {
	const words =
		error.code === 'EADDRINUSE'
			? 'The port is in use. Set TRUFFLES_SANDBOX_PORT to another one, or to 0.'
			: error.message;
	process.stderr.write(`${words}\n`);
	process.exitCode = 1;
});
