/** What a deploy does when something goes wrong in the middle, or somebody else deploys. */
import type { WorkflowFolder } from '../../lib/adapters/workflow-files';
import { TrufflesError } from '../../lib/errors';
import { committedWorkflows, type DeployFixture, startDeployFixture } from '../support/deploy-fixture';
import { N8nStandIn } from '../support/n8n-api-stand-in';

jest.setTimeout(30_000);

let folder: WorkflowFolder;
let n8n: N8nStandIn;
let fixture: DeployFixture;

beforeAll(async () => {
	folder = await committedWorkflows();
});

beforeEach(async () => {
	({ n8n, fixture } = await startDeployFixture(folder, 500));
});

afterEach(() => n8n.stop());

describe('when the gateway does not answer afterwards', () => {
	const answers = [
		{ name: 'n8n does not know the webhook', answer: null, says: 'something else than the gateway answered 404' },
		{
			name: 'the gateway has no database',
			answer: { status: 503, body: { error: { code: 'TRF_DB_UNREACHABLE', message: '' } } },
			says: 'the gateway answered 503',
		},
		{
			name: 'a proxy answers',
			answer: { status: 200, body: 'ok' },
			says: 'something else than the gateway answered 200',
		},
	];
	for (const { name, answer, says } of answers) {
		test(`${name}: everything is live as before, settings and drafts included`, async () => {
			await fixture.deploy();
			const before = await fixture.contents();
			n8n.gatewayAnswer = answer;
			const report = await fixture.deploy({ files: fixture.allChanged() });
			expect(report).toMatchObject({
				result: 'failed',
				restored: 'restored',
				problems: [{ code: 'TRF_DEPLOY_PROBE_FAILED' }],
			});
			expect(report.problems[0]?.message).toContain(says);
			expect(await fixture.contents()).toEqual(before);
			expect(n8n.tags).toEqual([]);
			n8n.gatewayAnswer = new N8nStandIn().gatewayAnswer;
			expect(await fixture.deploy()).toMatchObject({ result: 'unchanged' });
		});
	}

	test('the previous versions are published callers first, and nothing is taken out of production', async () => {
		await fixture.deploy();
		n8n.gatewayAnswer = null;
		n8n.published.length = 0;
		await fixture.deploy({ files: fixture.allChanged() });
		expect(n8n.published.slice(8, 16)).toEqual([...n8n.published.slice(0, 8)].reverse());
		expect(n8n.requests.filter((line) => line.endsWith('/unpublish'))).toEqual([]);
	});

	test('after a first deploy there is nothing to go back to: its workflows stay as drafts, and the next deploy takes them', async () => {
		n8n.gatewayAnswer = null;
		expect(await fixture.deploy()).toMatchObject({ result: 'failed', restored: 'restored' });
		expect(n8n.workflows.map(({ activeVersionId }) => activeVersionId)).toEqual(folder.files.map(() => null));
		n8n.gatewayAnswer = new N8nStandIn().gatewayAnswer;
		expect(await fixture.deploy()).toMatchObject({ result: 'done' });
		expect(n8n.workflows).toHaveLength(folder.files.length);
	});

	test('an address that answers late is waited for', async () => {
		n8n.gatewayAnswer = null;
		n8n.onRequest = () => {
			const probes = n8n.requests.filter((line) => line.startsWith('POST /webhook/')).length;
			if (probes >= 4) n8n.gatewayAnswer = new N8nStandIn().gatewayAnswer;
		};
		expect(await fixture.deploy()).toMatchObject({ result: 'done' });
	});
});

describe('when n8n fails in the middle', () => {
	for (const after of [0, 1, 3, 7]) {
		test(`publishing fails after ${after}: what was published is brought back`, async () => {
			await fixture.deploy();
			const before = await fixture.contents();
			let published = 0;
			n8n.onRequest = (line) => {
				if (line.endsWith('/publish')) published += 1;
				// One refusal in the middle; the way back works.
				n8n.misbehaviour =
					line.endsWith('/publish') && published === after + 1 ? { method: 'POST', path: /publish$/, mode: 500 } : null;
			};
			expect(await fixture.deploy({ files: fixture.allChanged() })).toMatchObject({
				result: 'failed',
				restored: 'restored',
			});
			expect(await fixture.contents()).toEqual(before);
		});
	}

	test('when it cannot be brought back either, the journal says so and the next deploy finishes it', async () => {
		await fixture.deploy();
		n8n.misbehaviour = { method: 'POST', path: /\/publish$/, after: 3, mode: 503 };
		const report = await fixture.deploy({ files: fixture.allChanged() });
		expect(report).toMatchObject({ result: 'failed', restored: 'incomplete' });
		expect(report.problems.map(({ code }) => code)).toContain('left-in-the-middle');
		expect(n8n.journal?.at(-1)?.state).toBe('running');
		n8n.misbehaviour = null;
		const next = await fixture.deploy({ files: fixture.allChanged() });
		expect(next).toMatchObject({ result: 'done', notes: [expect.stringContaining('was interrupted')] });
		expect(n8n.workflows.every((workflow) => workflow.activeVersionId === workflow.versionId)).toBe(true);
	});

	test('a deploy that was killed is no edit of a person, and one rollback goes behind it', async () => {
		await fixture.deploy();
		const before = await fixture.contents();
		n8n.misbehaviour = { method: 'POST', path: /\/publish$/, after: 3, mode: 503 };
		await fixture.deploy({ files: fixture.allChanged() });
		n8n.misbehaviour = null;
		expect(await fixture.rollback()).toMatchObject({ result: 'done' });
		expect(await fixture.contents()).toEqual(before);
		expect(await fixture.deploy()).toMatchObject({ result: 'unchanged' });
	});

	test('the next deploy of other files goes back behind the killed one when it fails too', async () => {
		await fixture.deploy();
		const before = await fixture.contents();
		n8n.misbehaviour = { method: 'POST', path: /\/publish$/, after: 3, mode: 503 };
		await fixture.deploy({ files: fixture.allChanged() });
		n8n.misbehaviour = null;
		n8n.gatewayAnswer = null;
		expect(await fixture.deploy({ files: fixture.allChanged(320) })).toMatchObject({
			result: 'failed',
			restored: 'restored',
		});
		expect(await fixture.contents()).toEqual(before);
	});

	test('a defect of ours is thrown on, and still everything is brought back first', async () => {
		await fixture.deploy();
		const before = await fixture.contents();
		const ask = async (): Promise<never> => {
			throw new TypeError('told by the test');
		};
		await expect(fixture.deploy({ files: fixture.allChanged(), probe: { ask } })).rejects.toThrow('told by the test');
		expect(await fixture.contents()).toEqual(before);
		expect(n8n.journal?.at(-1)?.state).toBe('failed');
		expect(n8n.tags).toEqual([]);
	});

	test('a deploy that is told to stop undoes what it did', async () => {
		await fixture.deploy();
		const before = await fixture.contents();
		let writes = 0;
		const assertWanted = (): void => {
			writes += 1;
			if (writes === 12) throw new TrufflesError('TRF_DEPLOY_STOPPED', { signal: 'SIGINT' });
		};
		expect(await fixture.deploy({ files: fixture.allChanged(), assertWanted })).toMatchObject({
			result: 'failed',
			restored: 'restored',
			problems: [{ code: 'TRF_DEPLOY_STOPPED' }],
		});
		expect(await fixture.contents()).toEqual(before);
	});
});

describe('the lock', () => {
	test('of two deploys at once one is done and one is blocked', async () => {
		const reports = await Promise.all([fixture.deploy(), fixture.deploy()]);
		expect(reports.map(({ result }) => result).sort()).toEqual(['blocked', 'done']);
		expect(n8n.workflows).toHaveLength(folder.files.length);
		expect(n8n.tags).toEqual([]);
	});

	/** A deploy that stays in the middle, and its lock. */
	async function leaveInTheMiddle(ageMinutes: number): Promise<void> {
		n8n.misbehaviour = { method: 'POST', path: /publish$/, after: 2, mode: 503 };
		await fixture.deploy();
		n8n.misbehaviour = null;
		const { lockId } = JSON.parse(String(n8n.journal?.at(-1)?.record)) as { lockId: string };
		addLock(lockId, ageMinutes);
	}

	function addLock(id: string, ageMinutes = 0): void {
		const createdAt = new Date(Date.now() - ageMinutes * 60_000).toISOString();
		n8n.tags.push({ id, name: 'truffles-deploy-lock', createdAt });
	}

	test('names who has it', async () => {
		await leaveInTheMiddle(0);
		const report = await fixture.deploy();
		expect(report).toMatchObject({
			result: 'blocked',
			problems: [{ code: 'locked', message: expect.stringContaining('process 1 on test') }],
		});
	});

	const left = [
		{ name: 'of a process that is gone', ageMinutes: 0, overrides: { isGone: () => true }, says: 'is gone' },
		{ name: 'that is six minutes old', ageMinutes: 6, overrides: {}, says: '6 minutes old' },
		{ name: 'that a person breaks', ageMinutes: 0, overrides: { takeOver: true }, says: '--take-over' },
	];
	for (const { name, ageMinutes, overrides, says } of left) {
		test(`a lock ${name} is taken over with a message`, async () => {
			await leaveInTheMiddle(ageMinutes);
			expect(await fixture.deploy(overrides)).toMatchObject({ result: 'done' });
			expect(fixture.lines.join('\n')).toContain(says);
		});
	}

	test('a lock that came after a killed deploy is not its lock: whoever has it now is not interrupted', async () => {
		await leaveInTheMiddle(0);
		n8n.tags.length = 0;
		addLock('of-a-rollback');
		expect(await fixture.deploy({ isGone: () => true })).toMatchObject({ result: 'blocked', writes: 0 });
		expect(await fixture.rollback({ kind: 'previous' }, { isGone: () => true })).toMatchObject({ result: 'blocked' });
		expect(n8n.tags.map(({ id }) => id)).toEqual(['of-a-rollback']);
	});

	test('a deploy that takes too long brings the previous versions back while its lock still holds', async () => {
		await fixture.deploy();
		const before = await fixture.contents();
		let nowMs = 0;
		n8n.onRequest = (line) => {
			if (line.endsWith('/publish') && nowMs < 200_000) nowMs += 100_000;
		};
		expect(await fixture.deploy({ files: fixture.allChanged(), monotonicMs: () => nowMs })).toMatchObject({
			result: 'failed',
			restored: 'restored',
			problems: [{ code: 'TRF_DEPLOY_LOCK_LOST' }],
		});
		expect(await fixture.contents()).toEqual(before);
	});

	test('a deploy stops before its lock may be taken over', async () => {
		let nowMs = 0;
		n8n.onRequest = (line) => void (nowMs += line.endsWith('/publish') ? 60_000 : 0);
		const report = await fixture.deploy({ monotonicMs: () => nowMs });
		expect(report.problems.map(({ code }) => code)).toContain('TRF_DEPLOY_LOCK_LOST');
		expect(n8n.published.length).toBeLessThan(5);
	});
});
