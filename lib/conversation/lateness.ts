/** What an outage does to the messages that waited through it. */
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** A customer who waited this long for an answer gets an apology with it. */
export const LATE_MS = 5 * MINUTE_MS;

/** The assistant answers nothing that is older, also where the channel would take it: a person decides what is still wanted. */
export const TOO_LATE_MS = 24 * HOUR_MS;

/** Messages further apart belong to different questions; a burst is twelve seconds at most. */
const QUESTION_GAP_MS = MINUTE_MS;

/** True when a message that was written then is answered late now. */
export function isLate(writtenAt: Date, now: Date): boolean {
	return now.getTime() - writtenAt.getTime() >= LATE_MS;
}

/** True when a message that was written then is not answered by the assistant any more. */
export function isTooLate(writtenAt: Date, now: Date): boolean {
	return now.getTime() - writtenAt.getTime() >= TOO_LATE_MS;
}

/**
 * The messages of a turn in the order in which they are answered: as they were written, but after an outage the newest
 * question first, because that is what the customer is waiting for now. The words of one question keep their order.
 *
 * @param messages at least one, in the order of arrival
 */
export function answeringOrder<Message extends { readonly writtenAt: Date }>(
	messages: readonly Message[],
	now: Date,
): readonly Message[] {
	if (!messages.some((message) => isLate(message.writtenAt, now))) return messages;
	const byTime = [...messages].sort((a, b) => a.writtenAt.getTime() - b.writtenAt.getTime());
	const questions: Message[][] = [];
	byTime.forEach((message, index) => {
		const previous = byTime[index - 1];
		const continues =
			previous !== undefined && message.writtenAt.getTime() - previous.writtenAt.getTime() <= QUESTION_GAP_MS;
		if (continues) questions.at(-1)?.push(message);
		else questions.push([message]);
	});
	return questions.reverse().flat();
}
