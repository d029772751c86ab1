/** Whether a version such as `2.40.5` is this one or a later one. Missing parts count as 0; a pre-release counts as its release. */
export function isAtLeast(version: string, least: string): boolean {
	const [have, want] = [parts(version), parts(least)];
	for (let index = 0; index < Math.max(have.length, want.length); index += 1) {
		const difference = (have[index] ?? 0) - (want[index] ?? 0);
		if (difference !== 0) return difference > 0;
	}
	return true;
}

function parts(version: string): number[] {
	return (version.split(/[-+]/)[0] ?? '').split('.').map(Number);
}
