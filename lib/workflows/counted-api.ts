import type { N8nApi } from '../ports/n8n-api';

/** An API whose accepted writes are counted and allowed one by one. */
export interface CountedApi {
	readonly api: N8nApi;
	writes(): number;
}

/** @param assertMayWrite called before each write; what it throws stops the write */
export function countWrites(api: N8nApi, assertMayWrite: () => void = () => undefined): CountedApi {
	let writes = 0;
	const counting =
		<Args extends unknown[], Answer>(write: (...args: Args) => Promise<Answer>) =>
		async (...args: Args): Promise<Answer> => {
			assertMayWrite();
			const answer = await write(...args);
			writes += 1;
			return answer;
		};
	return {
		writes: () => writes,
		api: {
			...api,
			createWorkflow: counting((body) => api.createWorkflow(body)),
			updateWorkflow: counting((id, body) => api.updateWorkflow(id, body)),
			publishWorkflow: counting((id, version) => api.publishWorkflow(id, version)),
			unpublishWorkflow: counting((id) => api.unpublishWorkflow(id)),
			archiveWorkflow: counting((id) => api.archiveWorkflow(id)),
			createCredential: counting((credential) => api.createCredential(credential)),
			updateCredential: counting((id, data) => api.updateCredential(id, data)),
		},
	};
}
