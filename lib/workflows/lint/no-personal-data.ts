import { pathsMatching } from './literal-texts';
import { perNode } from './lint-rule';

const PHONE = /(?<![\d+])(?:\+7|8|7)[\s(-]*7\d{2}[\s)-]*\d{3}[\s-]*\d{2}[\s-]*\d{2}(?!\d)/;
const E_MAIL = /[\w.+-]+@[\w-]+\.[a-z]{2,}/i;

/** A file is read by everybody, for ever. */
export const noPersonalData = perNode({
	code: 'no-personal-data',
	line: 'No phone number and no e-mail address in parameters, notes and stickies: a file is read by everybody who gets the repository, for ever.',
	check: (node, report) => {
		for (const path of pathsMatching(node, PHONE))
			report(`${path} holds a phone number; take it from the item or from settings`);
		for (const path of pathsMatching(node, E_MAIL)) report(`${path} holds an e-mail address; take it from settings`);
	},
});
