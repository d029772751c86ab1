import bars from './dense-bars.json';

/** Bar for a model that is not in the table. */
export const DEFAULT_DENSE_BAR = bars.otherModels;

const BAR_OF_MODEL: ReadonlyMap<string, number> = new Map(Object.entries(bars.models));

/**
 * Cosine similarity from which the nearest chunk of an embedding model counts as relevant without a common word.
 *
 * Models spread their similarities differently: measure yours with `npm run eval -- retrieval DIR --engine qdrant`,
 * which prints the bar that keeps 95 % of the answerable questions, and set it in the node.
 *
 * @param configured the node's setting; null or 0 takes the table
 */
export function denseBar(model: string | null, configured: number | null): number {
	if (configured !== null && configured > 0) return configured;
	return (model === null ? undefined : BAR_OF_MODEL.get(model)) ?? DEFAULT_DENSE_BAR;
}
