/** A string with what follows it, a number, or a bracket. Texts are read whole, so that nothing inside one counts. */
const TOKEN = /("(?:[^"\\]|\\.)*")(\s*:)?|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|([{}])/g;

/**
 * What reading a JSON text loses: all but the last of two equal keys, and digits that a number cannot hold. Empty when
 * nothing is lost; also when the text is not JSON, which is for the parser to say.
 */
export function findLosses(text: string): string[] {
	const losses: string[] = [];
	const objects: Set<string>[] = [];
	for (const [, string, colon, number, bracket] of text.matchAll(TOKEN)) {
		if (bracket === '{') objects.push(new Set());
		else if (bracket === '}') objects.pop();
		else if (string !== undefined && colon !== undefined) {
			const keys = objects[objects.length - 1];
			if (keys?.has(string) === true) losses.push(`the key ${string} occurs twice in one object; remove one`);
			keys?.add(string);
		} else if (number !== undefined && isLossy(number))
			losses.push(`the number ${number} has more digits than are kept; write it as a text`);
	}
	return losses;
}

/** Whether other digits come out than went in; zeros at either end and the exponent's form do not count. */
function isLossy(number: string): boolean {
	const read = Number(number);
	return !Number.isFinite(read) || significantDigits(number) !== significantDigits(String(read));
}

function significantDigits(number: string): string {
	return number
		.replace(/[eE].*/, '')
		.replace(/\D/g, '')
		.replace(/^0+|0+$/g, '');
}
