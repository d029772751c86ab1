/** Clauses of a sentence, and whether one denies what it names. */
import { sentenceAround } from './plain-text';

const LEFT = '(?<![\\p{L}\\p{N}])';
const MARKS = [', ', '; ', ': ', ' но ', ' а ', ' бірақ ', ' ал '];

/** "скидок нет", "без скидки", "не предоставляем", "жеңілдік жоқ": telling that there is none gives nothing. */
const DENIAL = new RegExp(
	`${LEFT}(?:нет|не|ни|без|нельзя|невозможно|никак\\p{L}*|отсутству\\p{L}*|жоқ|емес|жоққа|\\p{L}+м(?:айды|ейді|аймыз|ейміз|аймын|еймін|ады|еді|асаңыз|есеңіз|айтын|ейтін))(?![\\p{L}\\p{N}])`,
	'u',
);
/** Words that look like a denial and are none. */
const NO_DENIAL =
	/(?<!\p{L})(?:нет проблем|без проблем|не проблема|не вопрос|не (?:переживай|волнуй|беспокой|сомневай|стесняй|забудь|теряй|пропусти|упусти)\p{L}*|не только|не просто|без очереди|без (?:лишних|труда|процент|переплат|комисси|наценк|доплат|боли|побочн|риск|ограничени|выходных|перерыв)\p{L}*|жоқ емес|алаңдамаңыз)/gu;

/** "узнаю про скидку", "уточните у администратора": what is named there is neither promised nor denied. */
export const UNCERTAIN =
	/(?<!\p{L})(?:уточн\p{L}+|не знаю|не уверен\p{L}*|не вижу|нет (?:точных |такой |точной )?(?:сведений|информации|данных)|нақтыла\p{L}*|білмейм\p{L}*|мәлімет\p{L}* жоқ)/u;

/** Clauses of one sentence. */
export function clausesOf(sentence: string): string[] {
	return sentence
		.replace(/,? (?:к сожалению|пожалуйста|конечно|увы|өкінішке қарай|кешіріңіз),?/gu, ' ')
		.split(/[,;:(](?=\s)|[()]|\s-\s|(?<!\p{L})(?:но|а|зато|однако|бірақ|ал)(?!\p{L})/u)
		.map((clause) => clause.trim())
		.filter((clause) => /\p{L}{3}/u.test(clause));
}

/**
 * True when the clause that holds the position denies it: "за 5 000 не получится". Only the clause counts:
 * "не переживайте, скидка есть" is a promise.
 */
export function isDenied(text: string, at: number): boolean {
	return DENIAL.test(clauseAround(text, at));
}

/** The clause that holds the position, without phrases that only look like a denial (of the same length). */
export function clauseAround(text: string, at: number): string {
	const { start, end } = sentenceAround(text, at);
	const sentence = text.slice(start, end).replace(NO_DENIAL, (phrase) => '·'.repeat(phrase.length));
	const here = at - start;
	const from = Math.max(0, ...[...MARKS, ' - '].map((mark) => sentence.lastIndexOf(mark, here)));
	const to = Math.min(
		sentence.length,
		...MARKS.map((mark) => sentence.indexOf(mark, here)).filter((found) => found >= 0),
	);
	return sentence.slice(from, to);
}

/** True when a whole sentence denies something. */
export function deniesSomething(sentence: string): boolean {
	return DENIAL.test(sentence.replace(NO_DENIAL, '·'));
}
