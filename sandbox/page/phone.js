/** The customer's phone. */
import { client, control, el, model, redraw, time, wireComposer } from './app.js';
import { word } from './words.js';

const byId = (id) => document.getElementById(id);
const FIRST_NUMBER = '+77015705555';
const MAX_FILE_BYTES = 5 * 1024 * 1024;
const KAZAKH_LETTER = /[әғқңөұүһі]/i;
const TYPE_OF_MIME = { image: 'image', audio: 'audio', video: 'video' };

let number = localStorage.getItem('sandbox-number') ?? FIRST_NUMBER;
let problem = '';
let isVoice = false;

const digits = () => number.replace(/\D/g, '');
const pretty = (phone) => {
	const parts = /^7(\d{3})(\d{3})(\d{2})(\d{2})$/.exec(phone);
	return parts ? `+7 ${parts[1]} ${parts[2]} ${parts[3]} ${parts[4]}` : `+${phone}`;
};
const messages = () => model.phone.filter((one) => one.client === client()?.key && one.phone === digits());

async function send(extra) {
	problem = '';
	try {
		await control('POST', '/phone/messages', { client: client().key, from: number, name: 'Клиент', ...extra });
	} catch (error) {
		problem = `${word('failed')}: ${error.message}`;
		drawPhone();
	}
}

function setNumber(next) {
	number = `+${next.replace(/\D/g, '')}`;
	localStorage.setItem('sandbox-number', number);
	drawPhone();
	byId('phone-feed').scrollTop = byId('phone-feed').scrollHeight;
}

function mediaNode({ media, text }) {
	if (media === null) return null;
	if (media.type === 'image') {
		const image = Object.assign(el('img', 'picture'), { src: media.path, alt: media.caption ?? text, loading: 'lazy' });
		return image;
	}
	const icon = media.type === 'audio' ? '🎤' : '📄';
	const words = media.type === 'audio' ? (media.spoken ? `«${media.spoken}»` : word('voiceMessage')) : media.fileName;
	return el('div', 'file', `${icon} ${words}`);
}

function statusNode(message) {
	if (message.author !== 'customer') return null;
	if (message.status === 'sending') return el('span', 'tick', '◷');
	if (message.status === 'accepted') return el('span', 'tick read', '✓✓');
	return el('span', 'tick bad', '!');
}

function troubleNode(message) {
	if (message.status !== 'refused' && message.status !== 'unreachable') return null;
	const words = message.status === 'refused' ? `${word('refused')} (${message.gatewayStatus})` : word('unreachable');
	const again = el('button', 'link-button', word('again'));
	again.type = 'button';
	// The same id: the gateway must take it once, however often it comes.
	again.addEventListener('click', () => send({ text: message.text, messageId: message.id }));
	return el('div', 'trouble', words, ' · ', again);
}

/** Seconds between the customer's latest message and this first answer to it. */
function latency(list, index) {
	const before = list[index - 1];
	if (list[index].author !== 'business' || before === undefined || before.author !== 'customer') return null;
	return (Date.parse(list[index].at) - Date.parse(before.at)) / 1000;
}

function bubble(list, index) {
	const message = list[index];
	const side = message.author === 'customer' ? 'mine' : 'theirs';
	const seconds = latency(list, index);
	const tag =
		message.author === 'business' ? el('span', 'lang', KAZAKH_LETTER.test(message.text) ? 'ҚАЗ' : 'РУС') : null;
	const meta = el(
		'div',
		'meta',
		tag,
		seconds !== null && `${word('repliedIn')} ${seconds.toFixed(1)} ${word('seconds')} · `,
		message.author === 'owner' && `${word('echo')} · `,
		time(message.at),
		' ',
		statusNode(message),
	);
	return el(
		'li',
		`bubble ${side} ${message.status}`,
		mediaNode(message),
		message.text && el('div', 'text', message.text),
		meta,
		troubleNode(message),
	);
}

function waitingSince(list) {
	const last = list.at(-1);
	return last?.author === 'customer' && last.status === 'accepted' ? Date.parse(last.at) : null;
}

function drawState() {
	const since = waitingSince(messages());
	const seconds = since === null ? null : Math.round((Date.now() - since) / 1000);
	byId('phone-state').textContent =
		seconds !== null && seconds < 120
			? `${word('waiting')} ${Math.max(0, seconds)} ${word('seconds')}…`
			: word('online');
}

export function drawPhone() {
	const one = client();
	if (one === undefined) return;
	const list = messages();
	byId('phone-name').textContent = one.name;
	byId('phone-avatar').textContent = [...one.name.replace(/[«»"]/g, '')][0] ?? '?';
	if (document.activeElement !== byId('number')) byId('number').value = pretty(digits());
	const known = [
		...new Set(model.phone.filter((message) => message.client === one.key).map((message) => message.phone)),
	];
	byId('numbers').replaceChildren(...known.map((phone) => Object.assign(el('option'), { value: pretty(phone) })));
	const rows = list.map((_, index) => bubble(list, index));
	if (rows.length === 0) rows.push(el('li', 'empty', word('empty')));
	if (problem !== '') rows.push(el('li', 'problem', problem));
	redraw(byId('phone-feed'), rows);
	// Suggestions that were not used yet; fewer once the talk has begun.
	const unused = word('hints').filter((text) => list.every((message) => message.text !== text));
	const hints = list.length === 0 ? unused : list.length <= 8 ? unused.slice(0, 2) : [];
	byId('hints').replaceChildren(
		...hints.map((text) => {
			const button = el('button', '', text);
			button.type = 'button';
			button.addEventListener('click', () => send({ text }));
			return button;
		}),
	);
	byId('voice').setAttribute('aria-pressed', String(isVoice));
	byId('phone-text').placeholder = word(isVoice ? 'speak' : 'writeAsCustomer');
	drawState();
}

function sendFile(file) {
	if (file.size > MAX_FILE_BYTES) {
		problem = word('tooLong');
		drawPhone();
		return;
	}
	const reader = new FileReader();
	reader.addEventListener('load', () => {
		const type = TYPE_OF_MIME[file.type.split('/')[0]] ?? 'document';
		const caption = byId('phone-text').value.trim();
		byId('phone-text').value = '';
		void send({
			media: {
				type,
				base64: String(reader.result).split(',')[1] || 'AA==',
				mimetype: file.type || 'application/octet-stream',
				fileName: file.name.slice(-100),
				...(caption === '' ? {} : { caption }),
			},
		});
	});
	reader.readAsDataURL(file);
}

export function startPhone() {
	wireComposer(byId('phone-form'), byId('phone-text'), (text) => {
		const body = isVoice ? { spoken: text } : { text };
		isVoice = false;
		void send(body);
	});
	byId('number').addEventListener('change', ({ target }) => setNumber(target.value));
	byId('number').addEventListener('focus', ({ target }) => target.select());
	byId('number-form').addEventListener('submit', (event) => {
		event.preventDefault();
		byId('number').blur();
	});
	byId('new-number').addEventListener('click', () =>
		setNumber(`7701${String(Math.floor(Math.random() * 10_000_000)).padStart(7, '0')}`),
	);
	byId('voice').addEventListener('click', () => {
		isVoice = !isVoice;
		drawPhone();
		byId('phone-text').focus();
	});
	byId('photo').addEventListener('click', () => byId('photo-file').click());
	byId('photo-file').addEventListener('change', ({ target }) => {
		if (target.files[0]) sendFile(target.files[0]);
		target.value = '';
	});
	setInterval(drawState, 1000);
}
