/** Changes the sandbox through its control API (sandbox/README.md). */
export async function controlSandbox(sandboxUrl: string, subject: 'clients' | 'modes', body: unknown): Promise<void> {
	const response = await fetch(`${sandboxUrl}/control/${subject}`, {
		method: 'POST',
		headers: { 'content-type': 'application/json' },
		body: JSON.stringify(body),
	});
	if (!response.ok) throw new Error(`The sandbox refused ${subject} (${response.status}): ${await response.text()}`);
	await response.arrayBuffer();
}
