const US_PER_MS = 1_000;

/** Starts a clock that runs while this process computes: how busy the machine is otherwise does not count. Milliseconds. */
export function startCpuClock(): () => number {
	const started = process.cpuUsage();
	return () => {
		const { user, system } = process.cpuUsage(started);
		return (user + system) / US_PER_MS;
	};
}
