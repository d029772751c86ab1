/** The only source of time for `lib`. */
export interface Clock {
	now(): Date;
}
