import type { ErrorObject } from 'ajv';

/**
 * One line per ajv error, "path: what is wrong", paths with slashes; an unknown key is answered with the known ones.
 * The validator must have been made with `verbose: true`.
 *
 * @param root how the whole value is called in messages, for example `settings`
 */
export function describeSchemaProblems(errors: readonly ErrorObject[] | null | undefined, root: string): string[] {
	return (errors ?? []).map((error) => {
		const place = `${root}${error.instancePath}`;
		const { additionalProperty, allowedValues } = error.params as {
			additionalProperty?: string;
			allowedValues?: readonly unknown[];
		};
		if (additionalProperty !== undefined) {
			const known = Object.keys((error.parentSchema as { properties?: object } | undefined)?.properties ?? {}).join(
				', ',
			);
			return `${place}: unknown key "${additionalProperty}"; known: ${known}`;
		}
		if (allowedValues) return `${place}: must be one of ${allowedValues.join(', ')}`;
		return `${place}: ${error.message ?? 'invalid'}`;
	});
}
