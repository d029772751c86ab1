/** What a deploy decides before it writes: who moved, whether a release fits, whether a saved plan still holds. */
import fc from 'fast-check';
import type { LiveWorkflow, WorkflowBody } from '../../../lib/ports/n8n-api';
import type { DeployPlan } from '../../../lib/workflows/deploy-plan';
import { baselineOf, statesBefore, type Deploy } from '../../../lib/workflows/deploy-record';
import { driftState } from '../../../lib/workflows/drift-state';
import { exportWorkflow } from '../../../lib/workflows/export-workflow';
import { portableNames, toPortable } from '../../../lib/workflows/portable-workflow';
import { releaseProblems, type ReleaseFacts } from '../../../lib/workflows/release-check';
import { parseSavedPlan, savePlan, stalePlan } from '../../../lib/workflows/saved-plan';
import { isAtLeast } from '../../../lib/workflows/version-order';

describe('drift', () => {
	const baseline = { fileHash: 'f', liveHash: 'l' };
	const cases = [
		{
			name: 'equal contents need no record',
			inSync: true,
			now: { fileHash: 'x', liveHash: 'y' },
			baseline: null,
			state: 'in-sync',
		},
		{
			name: 'different contents without a record are unknown',
			inSync: false,
			now: baseline,
			baseline: null,
			state: 'unknown',
		},
		{
			name: 'a workflow that was never there is pending',
			inSync: false,
			now: { fileHash: 'f', liveHash: null },
			baseline: null,
			state: 'pending',
		},
		{ name: 'the file moved', inSync: false, now: { fileHash: 'f2', liveHash: 'l' }, baseline, state: 'pending' },
		{ name: "n8n's copy moved", inSync: false, now: { fileHash: 'f', liveHash: 'l2' }, baseline, state: 'drifted' },
		{
			name: 'a workflow that is gone has drifted',
			inSync: false,
			now: { fileHash: 'f', liveHash: null },
			baseline,
			state: 'drifted',
		},
		{ name: 'both moved', inSync: false, now: { fileHash: 'f2', liveHash: 'l2' }, baseline, state: 'conflict' },
		{
			name: 'neither moved, but a credential is another one',
			inSync: false,
			now: baseline,
			baseline,
			state: 'pending',
		},
	] as const;
	for (const { name, inSync, now, baseline: before, state } of cases)
		test(name, () => expect(driftState(inSync, now, before)).toBe(state));
});

describe('one release', () => {
	const fits: ReleaseFacts = {
		wantedPackage: '0.4.0',
		instancePackage: '0.4.0',
		pendingMigrations: [],
		n8nVersion: '2.40.5',
	};
	const needs = { n8n: { from: '2.40', below: '3' }, package: true, migrations: true };
	const cases: { name: string; facts: Partial<ReleaseFacts>; needs?: typeof needs; codes: string[] }[] = [
		{ name: 'everything as wanted', facts: {}, codes: [] },
		{ name: 'a newer package is fine', facts: { instancePackage: '0.10.0' }, codes: [] },
		{ name: 'an older package', facts: { instancePackage: '0.3.9' }, codes: ['package-version'] },
		{ name: 'a pending migration', facts: { pendingMigrations: ['0019_x.sql'] }, codes: ['migrations-pending'] },
		{ name: 'an n8n below the range', facts: { n8nVersion: '2.39.9' }, codes: ['n8n-version'] },
		{ name: 'an n8n at the end of the range', facts: { n8nVersion: '3.0.0' }, codes: ['n8n-version'] },
		{
			name: 'unknown where it has to be known',
			facts: { instancePackage: null, pendingMigrations: null },
			codes: ['package-unknown', 'migrations-unknown'],
		},
		{
			name: 'unknown where it may be',
			facts: { instancePackage: null, pendingMigrations: null },
			needs: { ...needs, package: false, migrations: false },
			codes: [],
		},
	];
	for (const { name, facts, needs: wanted = needs, codes } of cases)
		test(name, () => expect(releaseProblems({ ...fits, ...facts }, wanted).map(({ code }) => code)).toEqual(codes));

	test('versions are compared by number, and a pre-release counts as its release', () => {
		expect([isAtLeast('2.10.0', '2.9'), isAtLeast('2.9', '2.10'), isAtLeast('3.0.0-rc.1', '3')]).toEqual([
			true,
			false,
			true,
		]);
	});
});

describe('a saved plan', () => {
	const plan = (fileHash: string, liveHash: string | null, action = 'update', key = '1_A'): DeployPlan =>
		({ problems: [], steps: [{ file: { key, json: {} }, action, fileHash, liveHash }] }) as unknown as DeployPlan;
	const target = { env: 'prod', url: 'https://n8n.example' };
	const saved = savePlan(plan('f', 'l'), { ...target, commit: null, madeAt: '2026-01-01T00:00:00Z', overwrite: [] });
	const cases = [
		{ name: 'holds while nothing moved', now: plan('f', 'l'), says: null },
		{ name: 'does not hold when the file moved', now: plan('f2', 'l'), says: 'its file moved' },
		{ name: "does not hold when n8n's copy moved", now: plan('f', 'l2'), says: 'copy moved' },
		{ name: "does not hold when n8n's copy is gone", now: plan('f', null), says: 'copy moved' },
		{ name: 'does not hold when something else would be done', now: plan('f', 'l', 'publish'), says: 'refers to' },
		{ name: 'does not hold when there are other files', now: plan('f', 'l', 'update', '2_B'), says: 'is gone' },
	];
	for (const { name, now, says } of cases)
		test(name, () => {
			const messages = stalePlan(saved, now, target).map(({ message }) => message);
			if (says === null) expect(messages).toEqual([]);
			else expect(messages[0]).toContain(says);
		});

	test('is for one environment at one address', () => {
		expect(stalePlan(saved, plan('f', 'l'), { ...target, url: 'https://other.example' })).toHaveLength(1);
		expect(stalePlan(saved, plan('f', 'l'), { ...target, env: 'staging' })).toHaveLength(1);
	});

	test('is read back, and other texts are not taken for one', () => {
		expect(parseSavedPlan(JSON.stringify(saved))).toEqual(saved);
		for (const text of [
			'',
			'{}',
			'[]',
			JSON.stringify({ ...saved, workflows: { a: {} } }),
			JSON.stringify({ ...saved, format: 2 }),
		])
			expect(parseSavedPlan(text)).toBeNull();
	});
});

describe('the journal', () => {
	const deploy = (deployId: string, state: Deploy['state'], workflows: Deploy['record']['workflows']): Deploy =>
		({ deployId, state, record: { workflows } }) as Deploy;
	const saved = (name: string) => ({ activeVersionId: name, draft: {} as WorkflowBody, active: 'draft' as const });

	test('only deploys in effect say what was left', () => {
		const after = (hash: string) => ({ A: { id: 'a', after: { fileHash: hash, liveHash: hash } } });
		const deploys = [
			deploy('4', 'running', after('4')),
			deploy('3', 'undone', after('3')),
			deploy('2', 'done', after('2')),
			deploy('1', 'done', after('1')),
		];
		expect(baselineOf(deploys).get('A')?.fileHash).toBe('2');
	});

	test('of several deploys the earliest says what was before', () => {
		const deploys = [
			deploy('2', 'done', { B: { id: 'b', before: saved('b1') }, A: { id: 'a', before: saved('a1') } }),
			deploy('1', 'done', { A: { id: null, before: null }, C: { id: 'c' } }),
		];
		const states = statesBefore(deploys);
		expect([...states.keys()]).toEqual(['B', 'A']);
		expect(states.get('A')).toEqual({ id: 'a', before: null });
	});
});

describe('export', () => {
	const json = fc.jsonValue({ maxDepth: 3 });
	// n8n never writes keys that look like array indexes, and JavaScript cannot keep their order.
	const keyName = fc.string().filter((key) => !/^\d+$/.test(key) && key !== '__proto__' && key !== 'id');
	const node = fc
		.tuple(fc.uuid(), fc.dictionary(keyName, json))
		.map(([id, rest]) => ({ name: id, type: 't', ...rest, parameters: { ...rest }, credentials: undefined, id }));
	const names = portableNames(new Map(), [], new Map());
	const live = (body: WorkflowBody): LiveWorkflow => ({
		id: 'w',
		name: body.name,
		versionId: 'v',
		activeVersionId: 'v',
		isArchived: false,
		updatedAt: '',
		body,
		activeBody: body,
	});

	test('loses nothing of what n8n holds, whatever the file looks like', () => {
		fc.assert(
			fc.property(fc.uniqueArray(node, { selector: ({ id }) => id }), fc.boolean(), (nodes, hasFile) => {
				const body = JSON.parse(
					JSON.stringify({ name: 'W', nodes, connections: {}, settings: { executionOrder: 'v1', futureSetting: 1 } }),
				) as WorkflowBody;
				const file = hasFile ? ({ ...body, nodes: [...body.nodes].reverse(), meta: { kept: true } } as never) : null;
				const exported = JSON.parse(exportWorkflow(live(body), names, file)) as WorkflowBody & { meta?: unknown };
				const byId = (list: WorkflowBody['nodes']) => new Map(list.map((entry) => [entry.id, entry]));
				expect(byId(exported.nodes)).toEqual(byId(toPortable(body, names).nodes));
				expect(exported.settings).toMatchObject({ futureSetting: 1 });
				if (hasFile) expect(exported.meta).toEqual({ kept: true });
			}),
		);
	});

	test('puts keys and names for ids, and leaves an id alone that it does not know', () => {
		const body: WorkflowBody = {
			name: 'W',
			nodes: [
				{
					id: '1',
					type: 'n8n-nodes-base.executeWorkflow',
					parameters: { workflowId: { __rl: true, value: 'w1' } },
					credentials: { aApi: { id: 'c1', name: 'Old name' }, bApi: { id: 'gone', name: 'B' } },
				},
			],
			connections: {},
			settings: { errorWorkflow: 'w9' },
		};
		const known = portableNames(
			new Map([['w1', '5_B']]),
			[{ id: 'c1', name: 'A (prod)', type: 'aApi' }],
			new Map([['A', 'A (prod)']]),
		);
		expect(toPortable(body, known)).toMatchObject({
			nodes: [
				{
					parameters: { workflowId: { value: '5_B' } },
					credentials: { aApi: { name: 'A' }, bApi: { id: 'gone', name: 'B' } },
				},
			],
			settings: { errorWorkflow: 'w9' },
		});
	});
});
