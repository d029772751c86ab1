import {
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
	NodeConnectionTypes,
} from 'n8n-workflow';

import { readAttachments } from '../../lib/item/attachment-text';
import { readTurnItem, routeEachItem, turnJson } from '../shared/each-item';
import { inFieldsMode, readSource, sourceField } from '../shared/source-field';
import { readAttachmentFields } from './from-fields';

/** Turns everything a customer sent into text: captions join the message, what cannot be read becomes a note. */
export class TrufflesChannelInput implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Truffles Channel Input',
		name: 'trufflesChannelInput',
		icon: { light: 'file:trufflesChannelInput.svg', dark: 'file:trufflesChannelInput.dark.svg' },
		group: ['transform'],
		version: 1,
		subtitle: '={{$parameter["source"] === "fields" ? "from fields" : "from standard item"}}',
		description: 'Turn a message and its attachments into one text',
		defaults: { name: 'Truffles Channel Input' },
		// Not a tool: an agent gets text already.
		usableAsTool: undefined,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		properties: [
			sourceField,
			{
				displayName: 'Text',
				name: 'text',
				type: 'string',
				typeOptions: { rows: 2 },
				default: '={{ $json.text }}',
				displayOptions: inFieldsMode,
				description: 'What the customer wrote; may be empty when there are only attachments',
			},
			{
				displayName: 'Attachments',
				name: 'attachments',
				type: 'json',
				default: '={{ $json.attachments }}',
				placeholder: '[{ "kind": "image", "caption": "…" }]',
				displayOptions: inFieldsMode,
				hint: 'A list of objects with "kind" (image, audio, video, document, …) and "caption"',
			},
		],
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		if (readSource(this) === 'fields') {
			return await routeEachItem(this, 1, async (input, itemIndex) => ({
				output: 0,
				json: { ...input.json, ...readAttachmentFields(this, itemIndex) },
			}));
		}
		return await routeEachItem(this, 1, async (input) => ({
			output: 0,
			json: turnJson(readAttachments(readTurnItem(input))),
		}));
	}
}
