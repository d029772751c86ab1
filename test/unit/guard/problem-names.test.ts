import { VIOLATIONS } from '../../../lib/guard/check-reply';
import instructions from '../../../lib/router/instructions.json';

test('every violation has the words with which a model is asked to write anew, and no other has', () => {
	expect(Object.keys(instructions.problems).sort()).toEqual([...VIOLATIONS].sort());
});
