import type { Classification, TurnItem } from '../../../lib/item/turn-item';
import { turn } from '../classify/demo-salon';

/** A turn that needs a model, with these changes. */
export function itemWith(classification: Partial<Classification>, over: Partial<TurnItem> = {}): TurnItem {
	const item = turn('Больно ли делать шугаринг?');
	if (item.classification === null) throw new Error('the fixture classifies every turn');
	return {
		...item,
		...over,
		classification: { ...item.classification, route: 'retrieval', sensitive: false, ...classification },
	};
}
