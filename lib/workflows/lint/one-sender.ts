import { perFile, trufflesType } from './lint-rule';

const SENDER = '8_Send_Response';

/** ChannelSend re-checks inside its transaction that no human took over; nothing else may send, and it sends in one place. */
export const oneSender = perFile('one-sender', 'no reply goes out past the take-over check', ({ key, json }, report) => {
	for (const node of json.nodes) {
		if (trufflesType(node) === 'channelSend' && key !== SENDER) report(`"${node.name}": only ${SENDER} sends to customers; call it instead`);
	}
});
