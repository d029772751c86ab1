import { perNode } from './lint-rule';
import { trufflesType } from './node-kinds';

/** Also as a tool of an agent, which chooses address and text itself. */
const HTTP_CALL = /\.(?:httpRequest|httpRequestTool|toolHttpRequest)$/;
const SENDER = '8_Send_Response';

/** Nodes of n8n and of others that write to people in a messenger or by SMS. */
const FOREIGN_SENDER =
	/whats-?app|wati|waha|gupshup|green-?api|evolution-?api|chat-?api|360-?dialog|chatflow|\.(?:telegram|twilio|facebookGraphApi|vonage|messageBird|plivo|mocean|msg91|sms77|line|viber|instagram|discord|slack|matrix)(?:Tool)?$/i;
/** Addresses of channels, and ends of paths under which channels take messages. */
const SENDING_ADDRESS =
	/graph\.facebook|api\.telegram|chatflow|360dialog|waba|\/send[-_]?(?:message|text|media|photo|document|file|template)\b|\/messages\b/i;

/** Channel Send re-checks inside its transaction that no human took over; nothing else may send, and it sends in one place. */
export const oneSender = perNode({
	code: 'one-sender',
	line: 'Only Channel Send in 8_Send_Response writes to customers, reading the standard item: it re-checks in the transaction that sends that no person has taken over. No other messenger node, no HTTP call to a channel; a node that writes to managers only says so with `lint-ignore`.',
	check: (node, report, { key }) => {
		if (node.disabled === true || /Trigger$/.test(node.type)) return;
		const ours = trufflesType(node);
		if (ours === 'channelSendTool') report(`lets an agent send past the take-over check; call ${SENDER} instead`);
		else if (ours === 'channelSend') {
			if (key !== SENDER) report(`sends outside ${SENDER}; call that workflow instead`);
			if ((node.parameters.source ?? 'standardItem') !== 'standardItem')
				report('sends from fields, past the take-over check; remove source');
		} else if (ours === null && FOREIGN_SENDER.test(node.type)) {
			report(`sends past the take-over check; call ${SENDER}, or hand over with Handover Adapter`);
		} else if (HTTP_CALL.test(node.type) && SENDING_ADDRESS.test(String(node.parameters.url ?? ''))) {
			report(`calls a channel past the take-over check; call ${SENDER} instead`);
		}
	},
});
