import { perFile, STICKY, textsIn } from './lint-rule';

/** What must come from settings, facts or credentials. Each pattern is met by an example in the test. */
const LITERALS: readonly { readonly what: string; readonly pattern: RegExp }[] = [
	{ what: 'an address', pattern: /\b(?:https?|postgres(?:ql)?|redis|amqp):\/\/|\b(?:\d{1,3}\.){3}\d{1,3}\b|\blocalhost:\d+/i },
	{ what: 'a secret', pattern: /\b(?:sk-[\w-]{16,}|eyJ[\w-]{16,}|Bearer\s+\S{8,}|\d{8,10}:[\w-]{30,})|(?:password|secret|token|api[_-]?key)\s*[:=]\s*\S{6,}/i },
	{ what: 'a phone number', pattern: /(?<!\d)(?:\+7|8)[\s(-]*7\d{2}[\s)-]*\d{3}[\s-]*\d{2}[\s-]*\d{2}(?!\d)/ },
	{ what: 'a price', pattern: /\d\s*(?:₸|тг(?!\p{L})|тенге|теңге|KZT)/iu },
];

/** Parameters, notes and stickies hold nothing of one client or one instance. */
export const literals = perFile('literals', 'no secrets, hosts, phone numbers or prices in a file that everybody gets', ({ json }, report) => {
	for (const node of json.nodes) {
		const texts = [...textsIn(node.parameters, node.type === STICKY ? 'sticky' : 'parameters'), ...textsIn(node.notes, 'notes')];
		for (const { path, text } of texts) {
			for (const { what, pattern } of LITERALS) if (pattern.test(text)) report(`"${node.name}": ${path} holds ${what}`);
		}
	}
});
