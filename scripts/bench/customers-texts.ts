/** What the customers of a load write: the mix of a salon's day, each question as the first of a conversation would be. */
export const FACT_QUESTIONS = [
	'Здравствуйте! Вы до скольки работаете?',
	'Сколько стоит маникюр с гель-лаком?',
	'Где вы находитесь?',
	'Қай жерде орналасқансыздар?',
	'Можно оплатить через Kaspi?',
	'Сколько длится педикюр?',
] as const;

/** Only a model can write these. */
export const MODEL_QUESTIONS = ['Как подготовиться к маникюру и педикюру?', 'Сколько держится гель-лак?'] as const;

/** Three questions of four are answered by facts. */
export const MIXED_QUESTIONS: readonly string[] = [...FACT_QUESTIONS, ...MODEL_QUESTIONS];
