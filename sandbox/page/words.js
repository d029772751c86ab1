/** Words of the page in Russian and Kazakh; the choice is remembered in this browser. */
const WORDS = {
	ru: {
		sandbox: 'песочница внешнего мира', business: 'Бизнес', reset: 'Очистить', tabPhone: 'Клиент', tabGroup: 'Менеджеры', tabWorld: 'Службы',
		resetAsk: 'Удалить все переписки и вернуть службы в норму?',
		worldTitle: 'Внешний мир', calls: 'Последние вызовы', phoneTitle: 'Клиент', number: 'Номер', newNumber: 'Новый клиент',
		groupTitle: 'Группа менеджеров', writeAsCustomer: 'Сообщение', send: 'Отправить', photo: 'Фото или файл', voice: 'Голосовое: текст будет «произнесён»', cancel: 'Отмена',
		speak: 'Что сказать голосом?', connected: 'на связи', lost: 'нет связи, пробую снова', empty: 'Напишите первое сообщение: так его увидит ваш ассистент.',
		emptyGroup: 'Пока тихо. Здесь появятся заявки, когда ассистент позовёт человека.', waiting: 'ждём ответ', online: 'WhatsApp через ChatFlow', repliedIn: 'ответ за', seconds: 'с',
		assistant: 'Ассистент', accepted: 'принял', refused: 'не принято', unreachable: 'шлюз не отвечает', again: 'Повторить', echo: 'с телефона бизнеса', voiceMessage: 'Голосовое сообщение',
		webhookOff: 'Вебхук бота не установлен: кнопки не дойдут', webhookOk: 'Вебхук бота работает', webhookBad: 'Вебхук не принимает', pending: 'в очереди', edited: 'изменено', reply: 'Ответить', edit: 'Изменить',
		writeAs: 'Написать как', replyTo: 'Ответ', editing: 'Изменение', members: 'участников', bot: 'бот', addManager: '+ менеджер', managerName: 'Имя менеджера', sending: 'жду бота…',
		service_chatflow: 'WhatsApp', service_telegram: 'Telegram', service_openai: 'Модель', mode_other: 'другое', noCalls: 'ещё не было',
		mode_ok: 'в норме', mode_slow: 'медленно (8 с)', mode_hang: 'не отвечает', mode_fail500: 'ошибка 500', mode_fail429: 'слишком часто (429)', mode_reset: 'обрыв связи',
		mode_sent_then_lost: 'сделал, но ответ потерян', mode_html: 'страница вместо ответа', mode_json: 'битый JSON', mode_empty_choices: 'пустой ответ', mode_no_usage: 'без счётчика токенов', mode_obey: 'слушается клиента', mode_invent_price: 'выдумывает цены', mode_banned: 'токен отозван (401)', mode_quota: 'кончились деньги',
		tooLong: 'Файл больше 5 МБ.', failed: 'Не получилось',
		hints: ['Сколько стоит маникюр с гель-лаком?', 'Вы до скольки работаете?', 'Қайда орналасқансыз?', 'сәлем, маникюр канша турады', 'хочу записаться на завтра', 'Позовите человека'],
	},
	kk: {
		sandbox: 'сыртқы әлемнің сынақ алаңы', business: 'Бизнес', reset: 'Тазарту', tabPhone: 'Клиент', tabGroup: 'Менеджерлер', tabWorld: 'Қызметтер',
		resetAsk: 'Барлық хат жойылып, қызметтер қалыпқа келсін бе?',
		worldTitle: 'Сыртқы әлем', calls: 'Соңғы шақырулар', phoneTitle: 'Клиент', number: 'Нөмір', newNumber: 'Жаңа клиент',
		groupTitle: 'Менеджерлер тобы', writeAsCustomer: 'Хабарлама', send: 'Жіберу', photo: 'Сурет немесе файл', voice: 'Дауыстық: мәтін «айтылады»', cancel: 'Болдырмау',
		speak: 'Дауыспен не айту керек?', connected: 'байланыс бар', lost: 'байланыс жоқ, қайта көремін', empty: 'Бірінші хабарламаны жазыңыз: оны ассистент көреді.',
		emptyGroup: 'Әзірге тыныш. Ассистент адам шақырғанда өтінімдер осында шығады.', waiting: 'жауап күтудеміз', online: 'WhatsApp, ChatFlow арқылы', repliedIn: 'жауап', seconds: 'с',
		assistant: 'Ассистент', accepted: 'қабылдады', refused: 'қабылданбады', unreachable: 'шлюз жауап бермейді', again: 'Қайталау', echo: 'бизнес телефонынан', voiceMessage: 'Дауыстық хабарлама',
		webhookOff: 'Бот вебхугы орнатылмаған: батырмалар жетпейді', webhookOk: 'Бот вебхугы жұмыс істейді', webhookBad: 'Вебхук қабылдамайды', pending: 'кезекте', edited: 'өзгертілді', reply: 'Жауап беру', edit: 'Өзгерту',
		writeAs: 'Кім болып жазу', replyTo: 'Жауап', editing: 'Өзгерту', members: 'қатысушы', bot: 'бот', addManager: '+ менеджер', managerName: 'Менеджердің аты', sending: 'ботты күтудемін…',
		service_chatflow: 'WhatsApp', service_telegram: 'Telegram', service_openai: 'Модель', mode_other: 'басқа', noCalls: 'әлі болған жоқ',
		mode_ok: 'қалыпты', mode_slow: 'баяу (8 с)', mode_hang: 'жауап бермейді', mode_fail500: '500 қатесі', mode_fail429: 'тым жиі (429)', mode_reset: 'байланыс үзіледі',
		mode_sent_then_lost: 'жасады, жауап жоғалды', mode_html: 'жауап орнына бет', mode_json: 'бүлінген JSON', mode_empty_choices: 'бос жауап', mode_no_usage: 'токен есебінсіз', mode_obey: 'клиентке бағынады', mode_invent_price: 'баға ойлап табады', mode_banned: 'токен жойылған (401)', mode_quota: 'ақша бітті',
		tooLong: 'Файл 5 МБ-тан үлкен.', failed: 'Болмады',
		hints: ['Сәлеметсіз бе! Маникюр қанша тұрады?', 'Нешеге дейін жұмыс істейсіз?', 'Қайда орналасқансыз?', 'Сколько стоит маникюр с гель-лаком?', 'Ертеңге жазылғым келеді', 'Адам шақырыңызшы'],
	},
};

export let language = localStorage.getItem('sandbox-language') === 'kk' ? 'kk' : 'ru';

export function word(key) {
	return WORDS[language][key] ?? key;
}

export function setLanguage(next) {
	language = next;
	localStorage.setItem('sandbox-language', next);
	applyWords();
}

/** Fills every element that names its word. */
export function applyWords() {
	document.documentElement.lang = language;
	for (const node of document.querySelectorAll('[data-word]')) node.textContent = word(node.dataset.word);
	for (const node of document.querySelectorAll('[data-placeholder]')) node.placeholder = word(node.dataset.placeholder);
	for (const node of document.querySelectorAll('[data-title]')) {
		node.title = word(node.dataset.title);
		node.setAttribute('aria-label', word(node.dataset.title));
	}
}
