import { readFileSync } from 'node:fs';
import path from 'node:path';

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

test('its start commands are understood', () => {
	const commands = [...page.matchAll(/^npm start -- (.+)$/gm)].map((match) => match[1] as string);
	expect(commands).toHaveLength(1);
	for (const flags of commands) {
		const command = startCommand().exitOverride();
		command.parse(flags.split(' '), { from: 'user' });
		expect(readStackOptions(command.opts(), {}).queueMode).toEqual({ workers: 3 });
	}
});
