import { isTrigger, STICKY } from '../../../../lib/workflows/lint/node-kinds';
import { newNode } from '../lint-support';
import { type Breaking, asNode, isCall, isStep, onNode, onAbout } from './breaking';

/** The file as a whole, its picture, and its silencings. */
export const FILE_AND_CANVAS: readonly Breaking[] = [
	{ rule: 'forbidden-keys', name: 'an exported versionId', damage: (json) => Boolean((json.versionId = 'v')) },
	{ rule: 'forbidden-keys', name: 'pinned data', damage: (json) => Boolean((json.pinData = {})) },
	{
		rule: 'forbidden-keys',
		name: 'a credential id',
		damage: onNode(
			(node) => node.credentials !== undefined,
			(node) => (node.credentials = { trufflesPlatformApi: { id: 'x1', name: 'Truffles Platform' } }),
		),
	},
	{ rule: 'inactive', name: 'a file that claims to be live', damage: (json) => (json.active = true) },
	{
		rule: 'execution-settings',
		name: 'the old execution order',
		damage: (json) => delete json.settings.executionOrder,
	},
	{
		rule: 'execution-settings',
		name: 'a workflow that all may call',
		damage: (json) => Boolean((json.settings.callerPolicy = 'any')),
	},
	{
		rule: 'execution-settings',
		name: 'a call per item',
		damage: onNode(isCall, (node) => (node.parameters.mode = 'each')),
	},
	{ rule: 'about-sticky', name: 'a description that is not first', damage: (json) => json.nodes.reverse().length > 0 },
	{ rule: 'about-sticky', name: 'no owner', damage: onAbout(/\*\*Owner\.\*\*.*/, '') },
	{
		rule: 'about-sticky',
		name: 'a caller that is not named',
		damage: (json) => /^[35678]_/.test(json.name) && onAbout(/\*\*Callers\.\*\*.*/, '**Callers.** Others.')(json),
	},
	{
		rule: 'phase-stickies',
		name: 'a step outside every phase',
		damage: onNode(isStep, (node) => (node.position = [16_000, 48])),
	},
	{
		rule: 'phase-stickies',
		name: 'a sticky that repeats a node',
		damage: (json) => {
			const step = json.nodes.find((node) => node.type !== STICKY && node.name.includes(' '));
			const phase = json.nodes.filter((node) => node.type === STICKY)[1];
			if (step === undefined || phase === undefined) return false;
			phase.parameters.content += `\n${step.name}`;
			return true;
		},
	},
	{ rule: 'grid', name: 'a node off the grid', damage: onNode(isStep, (node) => (node.position = [673, 48])) },
	{
		rule: 'grid',
		name: 'two nodes on one spot',
		damage: onNode(isStep, (node, json) =>
			json.nodes.push({ ...newNode('n8n-nodes-base.noOp', 'Hidden'), position: [...node.position] }),
		),
	},
	{
		rule: 'left-to-right',
		name: 'a step left of the trigger',
		damage: onNode(isStep, (node) => (node.position = [-4000, 48])),
	},
	{
		rule: 'left-to-right',
		name: 'a happy path that climbs',
		damage: (json) => {
			const trigger = json.nodes.find((node) => isTrigger(asNode(node)));
			const next = json.nodes.find((node) => node.name === json.connections[trigger?.name ?? '']?.main?.[0]?.[0]?.node);
			if (next === undefined) return false;
			next.position = [next.position[0] ?? 0, -160];
			return true;
		},
	},
	{
		rule: 'silences',
		name: 'a silencing without a reason',
		damage: onNode(isStep, (node) => (node.notes = 'lint-ignore grid:')),
	},
	{
		rule: 'silences',
		name: 'a silencing that silences nothing',
		damage: onNode(isStep, (node) => (node.notes = 'lint-ignore grid: it was so before the move')),
	},
	{
		rule: 'silences',
		name: 'a guard that is silenced',
		damage: onNode(isStep, (node) => (node.notes = 'lint-ignore guarded-replies: the model is good enough')),
	},
];
