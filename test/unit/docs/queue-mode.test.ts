import { readFileSync } from 'node:fs';
import path from 'node:path';

import { buildN8nEnvironment } from '../../../scripts/stack/n8n-environment';
import { buildQueueEnvironment } from '../../../scripts/stack/queue-environment';
import { readStackOptions, startCommand } from '../../../scripts/stack/stack-options';

const page = readFileSync(path.join(__dirname, '../../../docs/queue-mode.md'), 'utf8');

test('the page names every variable that the stack of queue mode sets, and no other', () => {
	const shown = /<!-- environment:begin -->([\s\S]*?)<!-- environment:end -->/.exec(page)?.[1] ?? '';
	const names = [...shown.matchAll(/`([A-Z][A-Z0-9_]+)`/g)].map((match) => match[1] as string);
	const set = buildQueueEnvironment({
		role: 'worker',
		redisUrl: 'rediss://user:password@redis:6379/1',
		webhookUrl: 'https://in.example/',
		editorUrl: 'https://n8n.example/',
		healthPort: 1,
	});
	expect([...new Set(names)].sort()).toEqual(Object.keys(set).sort());
	for (const name of ['QUEUE_WORKER_LOCK_DURATION', 'QUEUE_WORKER_LOCK_RENEW_TIME', 'QUEUE_WORKER_STALLED_INTERVAL'])
		expect(shown).toMatch(new RegExp(`\`${name}\`[^\n]*\`${set[name]}\``));
});

test('what it says of every stack is what the stack sets', () => {
	const everyStack = page.slice(page.indexOf('And as in every stack of ours'), page.indexOf('PostgreSQL: count with'));
	const settings = [...everyStack.matchAll(/`([A-Z][A-Z0-9_]+)(?:=([^`]*))?`/g)].map(([, name, value]) => ({
		name,
		value,
	}));
	const set = buildN8nEnvironment(
		{
			userFolder: '/n8n',
			port: 5678,
			brokerPort: 5679,
			encryptionKey: 'k',
			runnersToken: 't',
			databaseUrl: 'postgres://n8n@db/n8n',
			hookFile: '/package/dist/hooks/front-door.js',
			timeZone: 'Asia/Almaty',
		},
		{},
	);
	expect(settings.length).toBeGreaterThan(5);
	for (const { name = '', value } of settings) {
		expect(set).toHaveProperty([name]);
		// A path differs from machine to machine; what follows the … does not.
		if (value !== undefined) expect(set[name]?.replaceAll('"', '')).toContain(value.split('…').at(-1));
	}
});

test('its start commands are understood', () => {
	const commands = [...page.matchAll(/^npm start -- (.+)$/gm)].map((match) => match[1] as string);
	expect(commands).toHaveLength(1);
	for (const flags of commands) {
		const command = startCommand().exitOverride();
		command.parse(flags.split(' '), { from: 'user' });
		expect(readStackOptions(command.opts(), {}).queueMode).toEqual({ workers: 3 });
	}
});
