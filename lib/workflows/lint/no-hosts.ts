import { pathsMatching } from './literal-texts';
import { perNode } from './lint-rule';

const ADDRESS =
	/\b(?:https?|wss?|postgres(?:ql)?|rediss?|amqps?|mongodb|smtp):\/\/|\b(?:\d{1,3}\.){3}\d{1,3}\b|\blocalhost\b/i;
/** Names with an ending that hosts have and field names do not. */
const DOMAIN = /(?<![\w$.@-])(?:[a-z0-9-]+\.)+(?:com|net|org|kz|ru|io|cloud)\b(?![.([])/i;

/** Staging and production differ by their addresses. */
export const noHosts = perNode({
	code: 'no-hosts',
	line: 'No address, host name or IP in parameters, notes and stickies: an address belongs to an environment and comes from a credential or from settings.',
	check: (node, report) => {
		for (const path of new Set([...pathsMatching(node, ADDRESS), ...pathsMatching(node, DOMAIN)]))
			report(`${path} holds an address; take it from a credential or from settings`);
	},
});
