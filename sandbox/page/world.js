/** The strip with the state of the outside world: a switch per service and the latest calls. */
import { client, control, el, model } from './app.js';
import { word } from './words.js';

const byId = (id) => document.getElementById(id);

const slow = { mode: 'slow', delayMs: 8000 };
const fail = (status, extra = {}) => ({ mode: 'fail', status, ...extra });
const shape = (name) => ({ mode: 'malformed', shape: name });

const PRESETS = {
	chatflow: {
		ok: { mode: 'ok' },
		slow,
		hang: { mode: 'hang' },
		reset: { mode: 'reset' },
		sent_then_lost: { mode: 'sent_then_lost' },
		fail500: fail(500),
		fail429: fail(429, { retryAfterSeconds: 5 }),
		banned: fail(401),
		html: shape('html'),
	},
	telegram: {
		ok: { mode: 'ok' },
		slow,
		hang: { mode: 'hang' },
		reset: { mode: 'reset' },
		sent_then_lost: { mode: 'sent_then_lost' },
		fail500: fail(500),
		fail429: fail(429, { retryAfterSeconds: 5 }),
		banned: fail(401),
	},
	openai: {
		ok: { mode: 'ok' },
		slow,
		hang: { mode: 'hang' },
		fail500: fail(500),
		fail429: fail(429, { retryAfterSeconds: 5 }),
		quota: { mode: 'fail', shape: 'insufficient_quota' },
		json: shape('json'),
		html: shape('html'),
		empty_choices: shape('empty_choices'),
		no_usage: shape('no_usage'),
		obey: { mode: 'obey' },
		invent_price: { mode: 'invent_price' },
	},
};

const sorted = (fault) => JSON.stringify(Object.entries(fault).sort());

function presetOf(service) {
	const current = sorted(model.modes[service] ?? { mode: 'ok' });
	return Object.keys(PRESETS[service]).find((name) => sorted(PRESETS[service][name]) === current) ?? 'other';
}

function isBadCall(entry) {
	return entry.status === null || entry.status >= 400;
}

function serviceNode(service) {
	const preset = presetOf(service);
	const last = model.calls.findLast((entry) => entry.service === service);
	const select = el('select');
	const names = [...Object.keys(PRESETS[service]), ...(preset === 'other' ? ['other'] : [])];
	select.append(...names.map((name) => Object.assign(el('option', '', word(`mode_${name}`)), { value: name })));
	select.value = preset;
	select.addEventListener('change', () => {
		if (select.value !== 'other') void control('POST', '/modes', { [service]: PRESETS[service][select.value] });
	});
	const lastText = last === undefined ? word('noCalls') : `${last.status ?? '…'} · ${last.method}`;
	const small = el('small', last && isBadCall(last) ? 'bad' : '', lastText);
	return el(
		'label',
		`service ${preset === 'ok' ? 'well' : 'ill'}`,
		el('span', 'dot'),
		el('span', 'name', el('b', '', word(`service_${service}`)), small),
		select,
	);
}

/** The assistant itself: how its gateway took the latest message of a phone. */
function assistantNode() {
	const last = model.phone.findLast(
		(one) => one.client === client()?.key && one.author === 'customer' && one.status !== 'sending',
	);
	const state = { accepted: 'well', refused: 'broken', unreachable: 'broken' }[last?.status] ?? 'unknown';
	const words =
		last === undefined
			? word('noCalls')
			: last.status === 'unreachable'
				? word('unreachable')
				: `${word(last.status)} (${last.gatewayStatus})`;
	const node = el(
		'div',
		`service assistant ${state}`,
		el('span', 'dot'),
		el('span', 'name', el('b', '', word('assistant')), el('small', state === 'broken' ? 'bad' : '', words)),
	);
	node.title = client()?.gatewayUrl ?? '';
	return node;
}

function callNode(entry) {
	const at = new Date(entry.at).toLocaleTimeString('ru-RU');
	return el(
		'li',
		isBadCall(entry) ? 'bad' : '',
		el('time', '', at),
		el('b', '', word(`service_${entry.service}`)),
		el('code', '', entry.method),
		el('span', '', String(entry.status ?? '…')),
		entry.mode === 'ok' ? null : el('em', '', entry.mode),
	);
}

export function drawWorld() {
	const services = Object.keys(PRESETS);
	// An open list would close under the visitor's hand when a call comes in.
	if (!byId('services').contains(document.activeElement) || document.activeElement.tagName !== 'SELECT') {
		byId('services').replaceChildren(assistantNode(), ...services.map(serviceNode));
	}
	const ill = services.filter((service) => presetOf(service) !== 'ok').length;
	const badge = document.querySelector('.tabs [data-tab="world"] .badge');
	badge.hidden = ill === 0;
	badge.textContent = '!';
	const last = model.calls.at(-1);
	byId('last-call').textContent =
		last === undefined ? '' : `${new Date(last.at).toLocaleTimeString('ru-RU')} ${last.method} → ${last.status ?? '…'}`;
	byId('calls').replaceChildren(...model.calls.slice(-30).reverse().map(callNode));
}

export function startWorld() {
	// After a choice the list gives the focus back, so that the strip may be drawn again.
	byId('services').addEventListener('change', ({ target }) => target.blur());
}
