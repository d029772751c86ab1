import { callsBetween } from './call-graph';
import { perFile } from './lint-rule';
import { STICKY } from './node-kinds';

const HEADINGS = ['Purpose', 'Trigger', 'Inputs', 'Outputs', 'Callers', 'Owner'] as const;

/** The text behind a heading of the first sticky, for example of "Inputs"; empty when there is none. */
export function aboutText(content: unknown, heading: (typeof HEADINGS)[number]): string {
	const text = typeof content === 'string' ? content : '';
	return new RegExp(`\\*\\*${heading}\\.\\*\\*(.*)`).exec(text)?.[1]?.trim() ?? '';
}

/** A reader opens the workflow and sees what it promises. */
export const aboutSticky = perFile({
	code: 'about-sticky',
	line: 'The first node is a sticky that begins with `## <workflow>` and says Purpose, Trigger, Inputs, Outputs, Callers (all of them) and Owner: who opens a workflow knows what it promises.',
	check: ({ key, json }, report, { files }) => {
		const [first] = json.nodes;
		if (first?.type !== STICKY)
			return report(null, 'the first node is no sticky; put one there that describes the workflow');
		const content = typeof first.parameters.content === 'string' ? first.parameters.content : '';
		if (!content.startsWith(`## ${key}\n`))
			report(null, `the first sticky does not begin with "## ${key}"; write that line`);
		for (const heading of HEADINGS) {
			if (aboutText(content, heading) === '')
				report(null, `the first sticky says nothing under "**${heading}.**"; write it`);
		}
		const callers = aboutText(content, 'Callers');
		for (const { from } of callsBetween(files).filter((call) => call.to === key)) {
			if (!callers.includes(from.key))
				report(null, `the first sticky does not name the caller ${from.key}; add it under "**Callers.**"`);
		}
	},
});
