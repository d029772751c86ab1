/** The managers' Telegram group. */
import { client, control, el, model, redraw, time, wireComposer } from './app.js';
import { word } from './words.js';

const byId = (id) => document.getElementById(id);
const COLOURS = ['#d1603d', '#2f7fb8', '#7c5cbf', '#3c8d5a', '#b8862f', '#b84a72'];
const TOAST_MS = 4000;
const CALLBACK_PATIENCE_MS = 15000;

let managerId = Number(localStorage.getItem('sandbox-manager')) || null;
let replyTo = null;
let editing = null;
/** Presses the bot has not answered: callback id -> message and button. */
const waiting = new Map();
let toastTimer = null;

const manager = () => model.managers.find((one) => one.id === managerId) ?? model.managers[0];
const messages = () => (model.groups[client()?.chatId] ?? []).filter((one) => !one.deleted);
const colour = (id) => COLOURS[id % COLOURS.length];

function avatar(user) {
	const node = el('span', 'avatar small', user.is_bot ? '🤖' : [...user.first_name][0]);
	node.style.background = user.is_bot ? '#0b7a5c' : colour(user.id);
	return node;
}

function toast(text, isBad = false) {
	const node = byId('toast');
	node.textContent = text;
	node.className = `toast ${isBad ? 'bad' : ''}`;
	node.hidden = false;
	clearTimeout(toastTimer);
	toastTimer = setTimeout(() => (node.hidden = true), TOAST_MS);
}

/** Text with Telegram's entities as elements: cut at every edge, each piece styled by what covers it. */
function formatted(text, entities) {
	const edges = [
		...new Set([0, text.length, ...entities.flatMap((one) => [one.offset, one.offset + one.length])]),
	].sort((a, b) => a - b);
	return edges.slice(0, -1).map((start, index) => {
		const covering = entities.filter((one) => one.offset <= start && one.offset + one.length > start);
		const piece = text.slice(start, edges[index + 1]);
		const link = covering.find((one) => one.type === 'text_link' && /^https?:\/\//.test(one.url ?? ''));
		const node = el(link ? 'a' : 'span', covering.map((one) => `e-${one.type}`).join(' '), piece);
		if (link) Object.assign(node, { href: link.url, target: '_blank', rel: 'noopener noreferrer' });
		return node;
	});
}

async function attempt(work) {
	try {
		return await work();
	} catch (error) {
		toast(`${word('failed')}: ${error.message}`, true);
		return null;
	}
}

async function press(message, index) {
	const answer = await attempt(() =>
		control('POST', '/telegram/press', {
			client: client().key,
			manager: String(manager().id),
			messageId: message.message_id,
			index,
		}),
	);
	if (answer === null) return;
	waiting.set(answer.callbackId, `${message.message_id}:${index}`);
	setTimeout(() => {
		waiting.delete(answer.callbackId);
		drawGroup();
	}, CALLBACK_PATIENCE_MS);
	drawGroup();
}

function keyboard(message) {
	if (!message.reply_markup) return null;
	let index = -1;
	const rows = message.reply_markup.inline_keyboard.map((row) =>
		el(
			'div',
			'row',
			...row.map((button) => {
				index += 1;
				const own = index;
				const isWaiting = [...waiting.values()].includes(`${message.message_id}:${own}`);
				const node = el('button', isWaiting ? 'waiting' : '', isWaiting ? word('sending') : button.text);
				node.type = 'button';
				node.disabled = isWaiting;
				if (button.url) node.addEventListener('click', () => window.open(button.url, '_blank', 'noopener'));
				else node.addEventListener('click', () => press(message, own));
				return node;
			}),
		),
	);
	return el('div', 'keyboard', ...rows);
}

function quote(message) {
	const original = messages().find((one) => one.message_id === message.reply_to_message_id);
	if (original === undefined) return null;
	const node = el('div', 'quote', el('b', '', original.from.first_name), el('span', '', original.text.slice(0, 140)));
	node.style.borderColor = original.from.is_bot ? '#0b7a5c' : colour(original.from.id);
	return node;
}

function bubble(message) {
	const isMine = message.from.id === manager()?.id;
	const name = el('b', 'author', message.from.first_name);
	name.style.color = message.from.is_bot ? 'var(--brand)' : colour(message.from.id);
	const reply = el('button', 'link-button', word('reply'));
	reply.type = 'button';
	reply.addEventListener('click', () => choose(message.message_id, null));
	const actions = el('span', 'actions', reply);
	if (isMine) {
		const edit = el('button', 'link-button', word('edit'));
		edit.type = 'button';
		edit.addEventListener('click', () => choose(null, message));
		actions.append(' · ', edit);
	}
	const body = el(
		'div',
		'bubble',
		isMine ? null : name,
		quote(message),
		el('div', 'text', ...formatted(message.text, message.entities)),
		el('div', 'meta', actions, `${message.edit_date ? `${word('edited')} · ` : ''}${time(message.date * 1000)}`),
	);
	return el(
		'li',
		`entry ${isMine ? 'mine' : 'theirs'}`,
		isMine ? null : avatar(message.from),
		el('div', 'stack', body, keyboard(message)),
	);
}

function choose(nextReply, nextEdit) {
	replyTo = nextReply;
	editing = nextEdit?.message_id ?? null;
	if (nextEdit) byId('group-text').value = nextEdit.text;
	drawGroup();
	byId('group-text').focus();
}

function drawWho() {
	const chips = model.managers.map((one) => {
		const chip = el('button', 'chip', avatar(one), one.first_name);
		chip.type = 'button';
		chip.setAttribute('role', 'radio');
		chip.setAttribute('aria-checked', String(one.id === manager()?.id));
		chip.addEventListener('click', () => {
			managerId = one.id;
			localStorage.setItem('sandbox-manager', String(one.id));
			choose(replyTo, null);
		});
		return chip;
	});
	const add = el('button', 'chip add', word('addManager'));
	add.type = 'button';
	add.addEventListener('click', () => {
		const firstName = prompt(word('managerName'))?.trim().slice(0, 64);
		if (firstName) void attempt(() => control('POST', '/telegram/managers', { firstName }));
	});
	byId('who').setAttribute('aria-label', word('writeAs'));
	byId('who').replaceChildren(el('span', 'label', word('writeAs')), ...chips, add);
}

function drawWebhook({ bot }) {
	const node = byId('webhook-state');
	const pending = bot?.pendingUpdates ? ` · ${bot.pendingUpdates} ${word('pending')}` : '';
	const isBad = Boolean(bot?.pendingUpdates && bot.lastError);
	node.className = `note ${!bot?.webhookUrl || isBad ? 'bad' : 'good'}`;
	node.textContent = !bot?.webhookUrl
		? word('webhookOff')
		: isBad
			? `${word('webhookBad')}: ${bot.lastError}${pending}`
			: `${word('webhookOk')}${pending}`;
}

export function drawGroup() {
	const one = client();
	if (one === undefined) return;
	byId('group-name').textContent = one.groupTitle;
	byId('group-avatar').textContent = [...one.groupTitle.replace(/[«»"]/g, '')][0] ?? '?';
	byId('group-members').textContent = `${model.managers.length + 1} ${word('members')}`;
	const rows = messages().map(bubble);
	redraw(byId('group-feed'), rows.length > 0 ? rows : [el('li', 'empty', word('emptyGroup'))]);
	const target = messages().find((message) => message.message_id === (editing ?? replyTo));
	const bar = byId('quote-bar');
	bar.hidden = target === undefined;
	if (target)
		bar.firstElementChild.replaceChildren(
			el('b', '', editing === null ? `${word('replyTo')}: ${target.from.first_name}` : word('editing')),
			el('span', '', target.text.slice(0, 120)),
		);
	byId('group-text').placeholder = `${word('writeAs')} ${manager()?.first_name ?? ''}`;
	drawWho();
	drawWebhook(one);
}

export function startGroup() {
	wireComposer(byId('group-form'), byId('group-text'), (text) => {
		const acting = { client: client().key, manager: String(manager().id), text };
		const work =
			editing === null
				? () => control('POST', '/telegram/messages', { ...acting, ...(replyTo === null ? {} : { replyTo }) })
				: () => control('PUT', `/telegram/messages/${editing}`, acting);
		const run = attempt(work);
		choose(null, null);
		void run;
	});
	byId('quote-bar')
		.querySelector('button')
		.addEventListener('click', () => {
			if (editing !== null) byId('group-text').value = '';
			choose(null, null);
		});
	document.addEventListener('callback', ({ detail }) => {
		const isMine = waiting.delete(detail.callbackId);
		if (isMine && detail.answer.text) toast(detail.answer.text);
		drawGroup();
	});
}
