/** The part of a client's settings that says what happens when a message to a customer may or may not have been sent. */

/**
 * `prefer-once`: a message of which we do not know whether it was sent (the process died between sending and noting it,
 * or the channel did not answer in time) is not sent again; a manager is told. The customer may be left without it.
 * `prefer-delivery`: it is sent again, with the same key. A channel that does not recognise the key gives the customer
 * the message twice.
 */
export const AFTER_CRASH_POLICIES = ['prefer-once', 'prefer-delivery'] as const;
export type AfterCrash = (typeof AFTER_CRASH_POLICIES)[number];

export interface DeliverySettings {
	readonly afterCrash: AfterCrash;
	/**
	 * Name of a template that the channel has approved and that takes the message as its one parameter. Used when the
	 * customer's last message is too old for free text; absent, or on a channel without templates: a manager is asked.
	 */
	readonly lateTemplate?: string;
}

export const DEFAULT_DELIVERY: DeliverySettings = { afterCrash: 'prefer-once' };

/** JSON schema of {@link DeliverySettings}; unknown keys are refused. */
export const DELIVERY_SETTINGS_SCHEMA = {
	type: 'object',
	additionalProperties: false,
	default: {},
	properties: {
		afterCrash: { enum: AFTER_CRASH_POLICIES, default: DEFAULT_DELIVERY.afterCrash },
		lateTemplate: { type: 'string', minLength: 1 },
	},
};
