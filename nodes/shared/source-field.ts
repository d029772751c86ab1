import type { IExecuteFunctions, INodeProperties } from 'n8n-workflow';

/** Where an action node takes its input from. */
export type Source = 'standardItem' | 'fields';

/**
 * The first parameter of every action node.
 *
 * In `standardItem` mode a node reads the whole turn from the item and needs no other settings, so that no
 * expression is evaluated on the hot path. In `fields` mode it is an ordinary node with ordinary fields.
 */
export const sourceField: INodeProperties = {
	displayName: 'Source',
	name: 'source',
	type: 'options',
	noDataExpression: true,
	options: [
		{
			name: 'Fields',
			value: 'fields',
			description: 'Take the values from the fields below, for workflows of your own',
		},
		{
			name: 'Standard Item',
			value: 'standardItem',
			description: 'Read the Truffles turn that "Open conversation" passes on',
		},
	],
	default: 'standardItem',
};

/** `displayOptions` for what only the fields mode shows. */
export const inFieldsMode = { show: { source: ['fields'] } } as const satisfies INodeProperties['displayOptions'];

/** Reads the mode once per execution; it cannot be an expression. */
export function readSource(context: IExecuteFunctions): Source {
	return context.getNodeParameter('source', 0) as Source;
}
