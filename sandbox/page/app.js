/** Keeps a copy of the sandbox's state, follows its events, and asks the three parts of the page to draw. */
import { applyWords, language, setLanguage, word } from './words.js';
import { drawGroup, startGroup } from './group.js';
import { drawPhone, startPhone } from './phone.js';
import { drawWorld, startWorld } from './world.js';

const byId = (id) => document.getElementById(id);
/** As many as the sandbox itself remembers. */
const MAX_MESSAGES = 3000;

/** The page's copy; the parts read it and never change it. */
export const model = { clients: [], managers: [], modes: {}, phone: [], groups: {}, calls: [], clientKey: null };

export const client = () => model.clients.find((one) => one.key === model.clientKey) ?? model.clients[0];

/** Calls the control API; throws an Error with the sandbox's words. */
export async function control(method, path, body) {
	const response = await fetch(`/control${path}`, {
		method,
		...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
	});
	const answer = await response.json();
	if (!response.ok) throw new Error(answer.error ?? response.statusText);
	return answer;
}

/** Makes an element; strings become text, never markup. */
export function el(tag, className, ...children) {
	const node = document.createElement(tag);
	if (className) node.className = className;
	node.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
	return node;
}

/** Redraws a feed and stays at its end when the reader was there. */
export function redraw(feed, nodes) {
	const atEnd = feed.dataset.reading !== 'yes';
	feed.replaceChildren(...nodes);
	if (atEnd) feed.scrollTop = feed.scrollHeight;
}

/** Keeps a feed at its end when its room changes, unless the reader has scrolled up. */
function stickToEnd(feed) {
	feed.addEventListener('scroll', () => {
		feed.dataset.reading = feed.scrollHeight - feed.scrollTop - feed.clientHeight < 90 ? 'no' : 'yes';
	});
	new ResizeObserver(() => {
		if (feed.dataset.reading !== 'yes') feed.scrollTop = feed.scrollHeight;
	}).observe(feed);
}

/** Enter sends, Shift+Enter breaks the line; the box grows with its text. */
export function wireComposer(form, box, send) {
	const grow = () => {
		box.style.height = 'auto';
		box.style.height = `${Math.min(box.scrollHeight, 140)}px`;
	};
	box.addEventListener('input', grow);
	box.addEventListener('keydown', (event) => {
		if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
			event.preventDefault();
			form.requestSubmit();
		}
	});
	form.addEventListener('submit', (event) => {
		event.preventDefault();
		const text = box.value.trim();
		if (text === '') return;
		box.value = '';
		grow();
		send(text);
	});
}

export const time = (at) => new Date(at).toLocaleTimeString('ru-RU', { hour: '2-digit', minute: '2-digit' });

function upsert(list, item, key) {
	const index = list.findIndex((one) => one[key] === item[key]);
	if (index === -1) list.push(item);
	else list[index] = item;
}

/** Marks a tab that is not open on a narrow screen. */
function notice(tab) {
	if (document.body.dataset.tab === tab) return;
	const badge = document.querySelector(`.tabs [data-tab="${tab}"] .badge`);
	badge.textContent = String(Number(badge.textContent || 0) + 1);
	badge.hidden = false;
}

function openTab(tab) {
	document.body.dataset.tab = tab;
	for (const button of document.querySelectorAll('.tabs button')) {
		button.setAttribute('aria-selected', String(button.dataset.tab === tab));
		if (button.dataset.tab !== tab) continue;
		const badge = button.querySelector('.badge');
		if (!badge.classList.contains('alert')) Object.assign(badge, { textContent: '', hidden: true });
	}
	for (const feed of document.querySelectorAll('.feed')) feed.scrollTop = feed.scrollHeight;
}

export function drawAll() {
	const picker = byId('client');
	picker.replaceChildren(...model.clients.map((one) => Object.assign(el('option', '', one.name), { value: one.key })));
	picker.value = client()?.key ?? '';
	picker.parentElement.hidden = model.clients.length < 2;
	byId('language').textContent = language === 'ru' ? 'Қазақша' : 'По-русски';
	drawWorld();
	drawPhone();
	drawGroup();
}

async function load() {
	const state = await control('GET', '/state');
	Object.assign(model, state);
	model.clientKey = client()?.key ?? null;
	drawAll();
}

/** Draws once per frame, however many events came. */
const due = new Set();
function soon(draw) {
	if (due.size === 0) {
		requestAnimationFrame(() => {
			const draws = [...due];
			due.clear();
			for (const one of draws) one();
		});
	}
	due.add(draw);
}

const HANDLERS = {
	phone({ message }) {
		const isNew = !model.phone.some((one) => one.id === message.id);
		upsert(model.phone, message, 'id');
		if (isNew && message.author === 'business') notice('phone');
		if (model.phone.length > MAX_MESSAGES) model.phone.shift();
		soon(drawPhone);
		soon(drawWorld);
	},
	group({ chatId, message }) {
		model.groups[chatId] ??= [];
		const isNew = !model.groups[chatId].some((one) => one.message_id === message.message_id);
		upsert(model.groups[chatId], message, 'message_id');
		if (isNew && message.from.is_bot) notice('group');
		soon(drawGroup);
	},
	callback({ callbackId, answer }) {
		document.dispatchEvent(new CustomEvent('callback', { detail: { callbackId, answer } }));
	},
	call({ entry }) {
		model.calls.push(entry);
		if (model.calls.length > 100) model.calls.shift();
		soon(drawWorld);
	},
	modes: load,
	clients: load,
	webhook: load,
	reset: load,
};

function follow() {
	const source = new EventSource('/control/events');
	const link = byId('link');
	const show = (isUp) => {
		link.className = `link ${isUp ? 'up' : 'down'}`;
		link.textContent = word(isUp ? 'connected' : 'lost');
	};
	// Whatever happened before the connection (or while it was lost) is in the whole state.
	source.addEventListener('open', () => {
		show(true);
		void load();
	});
	source.addEventListener('error', () => show(false));
	source.addEventListener('message', ({ data }) => {
		const event = JSON.parse(data);
		HANDLERS[event.type]?.(event);
	});
	document.addEventListener('language', () => show(source.readyState === EventSource.OPEN));
}

applyWords();
for (const feed of document.querySelectorAll('.feed')) stickToEnd(feed);
// On a narrow screen the calls have a tab of their own, so there is room for them.
document.querySelector('.calls').open = matchMedia('(max-width: 860px)').matches;
openTab('phone');
for (const button of document.querySelectorAll('.tabs button'))
	button.addEventListener('click', () => openTab(button.dataset.tab));
byId('client').addEventListener('change', ({ target }) => {
	model.clientKey = target.value;
	drawAll();
});
byId('language').addEventListener('click', () => {
	setLanguage(language === 'ru' ? 'kk' : 'ru');
	document.dispatchEvent(new CustomEvent('language'));
	drawAll();
});
byId('reset').addEventListener('click', () => {
	if (confirm(word('resetAsk'))) void control('POST', '/reset');
});
startWorld();
startPhone();
startGroup();
follow();
