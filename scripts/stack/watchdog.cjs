/**
 * Outlives `npm start` for a moment: when that process dies without stopping its children (kill -9, a crash, a closed
 * terminal), this one stops exactly them, newest first, and ends. It learns of them through its standard input:
 * lines `+<pid> <signal>` and `-<pid>`; the end of the input is the parent's death.
 */
'use strict';

const { createInterface } = require('node:readline');

const GRACE_MS = 35_000;
const POLL_MS = 100;
const owned = new Map();

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => undefined);

function isAlive(pid) {
	try {
		process.kill(pid, 0);
		return true;
	} catch (error) {
		return error.code === 'EPERM';
	}
}

function send(pid, signal) {
	try {
		process.kill(pid, signal);
	} catch {
		// It ended by itself in between.
	}
}

async function stop(pid, signal) {
	send(pid, signal);
	const deadline = Date.now() + GRACE_MS;
	while (isAlive(pid) && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, POLL_MS));
	// The whole group: our children are started as leaders of their own.
	if (isAlive(pid)) send(-pid, 'SIGKILL');
}

createInterface({ input: process.stdin })
	.on('line', (line) => {
		const [, sign, pid, signal] = /^([+-])(\d+)(?: (\w+))?$/.exec(line) || [];
		if (sign === '+') owned.set(Number(pid), signal);
		else if (sign === '-') owned.delete(Number(pid));
	})
	.on('close', async () => {
		for (const [pid, signal] of [...owned].reverse()) await stop(pid, signal);
		process.exit(0);
	});
