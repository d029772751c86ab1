/** Numbers of the fictitious range 705, digits only: what a run gives its customers, and finds again in a group's notices. */
const PHONE = /7705\d{7}/gu;
const NUMBERS = 10_000_000;

/** The number of a run's `customer`-th customer; far enough apart for any size of run. */
export function phoneOf(seed: number, customer: number): string {
	return `7705${String(((seed % 89) * 100_003 + customer) % NUMBERS).padStart(7, '0')}`;
}

/** Customers' numbers that a text names, however they are grouped. */
export function phonesIn(text: string): string[] {
	return text.replace(/[\s()+-]/gu, '').match(PHONE) ?? [];
}
