/** What the customers of a chaos run write, and what a right answer needs. */
import type { SeededRandom } from './random';

/** `price`, `hours` and `address` are answered from facts, `knowledge` by the model stand-in, `person` by a manager. */
export type QuestionKind = 'greeting' | 'price' | 'hours' | 'address' | 'knowledge' | 'person';

export interface Question {
	readonly kind: QuestionKind;
	readonly text: string;
	/** Key of the asked service in the client's pack; null when no price is asked. */
	readonly service: string | null;
}

/** Services with one fixed price and words that fit no other service of the demo salon's pack. */
const SERVICES: ReadonlyArray<readonly [key: string, russian: string, kazakh: string]> = [
	['manicure_gel', 'маникюр с гель-лаком', 'гель-лак маникюр'],
	['manicure_japanese', 'японский маникюр', 'жапон маникюрі'],
	['haircut_men', 'мужская стрижка', 'ерлер шашын қию'],
	['haircut_women', 'женская стрижка', 'әйелдер шашын қию'],
	['color_roots', 'окрашивание корней', 'шаш түбін бояу'],
	['hair_botox', 'ботокс для волос', 'шашқа арналған ботокс'],
	['brow_lamination', 'ламинирование бровей', 'қасты ламинаттау'],
	['lash_lamination', 'ламинирование ресниц', 'кірпікті ламинаттау'],
	['makeup_evening', 'вечерний макияж', 'кешкі макияж'],
	['makeup_day', 'дневной макияж', 'күндізгі макияж'],
	['sugaring_underarms', 'шугаринг подмышек', 'қолтық шугарингі'],
	['pedicure_gel', 'педикюр с гель-лаком', 'гель-лак педикюр'],
];

const GREETINGS = ['Здравствуйте', 'Добрый день', 'Сәлеметсіз бе'];
const HOURS = ['Вы до скольки работаете?', 'Во сколько вы открываетесь?', 'Нешеге дейін жұмыс істейсіздер?'];
const ADDRESSES = ['Где вы находитесь?', 'Какой у вас адрес?', 'Қайда орналасқансыз?'];
const PERSON = ['Позовите человека', 'Позовите администратора, пожалуйста', 'хочу записаться на завтра'];

/** A question of this kind. Questions for the model carry a number, so that no cache answers them. */
export function buildQuestion(random: SeededRandom, kind: QuestionKind): Question {
	switch (kind) {
		case 'price': {
			const [service, russian, kazakh] = random.pick(SERVICES);
			const text = random.chance(0.8) ? `Сколько стоит ${russian}?` : `${capital(kazakh)} қанша тұрады?`;
			return { kind, text, service };
		}
		case 'knowledge': {
			const number = random.between(10_000, 99_999);
			return {
				kind,
				text: `Есть ли у вас парковка возле салона, куда поставить машину ${number}?`,
				service: null,
			};
		}
		case 'greeting':
			return { kind, text: random.pick(GREETINGS), service: null };
		case 'hours':
			return { kind, text: random.pick(HOURS), service: null };
		case 'address':
			return { kind, text: random.pick(ADDRESSES), service: null };
		case 'person':
			return { kind, text: random.pick(PERSON), service: null };
	}
}

/** Mostly facts, as in a salon's chat; the rest for the model and for people. */
export function pickKind(random: SeededRandom): QuestionKind {
	const drawn = random.next();
	if (drawn < 0.5) return 'price';
	if (drawn < 0.62) return 'hours';
	if (drawn < 0.72) return 'address';
	if (drawn < 0.9) return 'knowledge';
	return 'person';
}

function capital(words: string): string {
	return words.charAt(0).toUpperCase() + words.slice(1);
}
