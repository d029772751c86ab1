import { Customers } from '../../../scripts/bench/load/customers';

it('customers write in turn, and who has rested longest writes next', () => {
	const customers = new Customers(0, 2);
	const [first, second] = [customers.next(), customers.next()];
	customers.rest(second);
	customers.rest(first);
	expect([first.digits, second.digits]).toEqual(['77000000000', '77000000001']);
	expect([customers.next(), customers.next()]).toEqual([second, first]);
});

it('nobody writes again while they wait for a reply: others come', () => {
	const customers = new Customers(0, 2);
	const waiting = [customers.next(), customers.next()];
	expect(waiting).not.toContainEqual(customers.next());
});

it('the customers of the next load are others', () => {
	const customers = new Customers(5, 1);
	customers.next();
	customers.next();
	expect(new Customers(customers.end, 1).next()).toEqual({ index: 0, digits: '77000000007' });
});
