import { declaredFields, declaredSchemas, ITEM_SCHEMAS } from './item-schemas';
import { perFile } from './lint-rule';
import { CALLED_TRIGGER } from './node-kinds';

const OLDEST_TYPED_VERSION = 1.1;

/** A caller can only be checked against what is declared. */
export const typedInputs = perFile({
	code: 'typed-inputs',
	line: 'A called workflow declares its inputs: fields with types in its trigger; or items as they come (`passthrough`), then the Inputs line of its first sticky names their schemas (`truffles.turn/1`, ...), which ajv checks in the nodes behind it.',
	check: (file, report) => {
		for (const trigger of file.json.nodes.filter((node) => node.type === CALLED_TRIGGER)) {
			if (trigger.typeVersion < OLDEST_TYPED_VERSION)
				report(trigger, `typeVersion ${trigger.typeVersion} has no declared inputs; use ${OLDEST_TYPED_VERSION}`);
			const fields = declaredFields(trigger);
			if (fields === null) {
				const schemas = declaredSchemas(file);
				if (schemas.length === 0)
					report(
						trigger,
						'takes items as they come, and the first sticky names no schema under "**Inputs.**"; name it there',
					);
				for (const schema of schemas.filter((name) => !ITEM_SCHEMAS.includes(name)))
					report(trigger, `the first sticky names ${schema}, which does not exist; known: ${ITEM_SCHEMAS.join(', ')}`);
			} else if (fields.size === 0)
				report(trigger, 'declares no input; list the fields, or take items as they come and name their schema');
			else
				for (const [name, type] of fields)
					if (name === '' || type === 'any') report(trigger, `input "${name}" has no name or no type; declare both`);
		}
	},
});
