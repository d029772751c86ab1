import { type PgMessage, readTexts } from './pg-messages';

/** A statement of a session and how many rows it gave. */
export interface Statement {
	readonly text: string;
	readonly rows: number;
}

/** What the server says when it is ready for the next statement. */
export interface Answer {
	/** Those answered with this. */
	readonly statements: readonly Statement[];
	/** All statements of the transaction that was committed with this answer; empty when none was. */
	readonly committed: readonly Statement[];
}

interface Unit {
	readonly statements: { text: string; rows: number }[];
	current: number;
	failed: boolean;
	lastTag: string;
}

const TRANSACTION_STATUS_AT = 5;
const IDLE = 'I';

/**
 * Follows one session: which statement is handed over, which one is answered, which ones a commit has made lasting.
 * A client may send further statements before the first is answered, and may use prepared ones by name.
 */
export class PgSessionLog {
	private readonly prepared = new Map<string, string>();
	private readonly unanswered: Unit[] = [];
	private open: Unit = newUnit();
	private transaction: Statement[] = [];

	/** @returns the text of the statement that this message has the server execute; null when it has none executed */
	onClient(message: PgMessage): string | null {
		switch (message.type) {
			case 'P': {
				const [name = '', text = ''] = readTexts(message, 2);
				this.prepared.set(name, text);
				return null;
			}
			case 'B': {
				const [, name = ''] = readTexts(message, 2);
				return this.add(this.prepared.get(name) ?? '');
			}
			case 'Q': {
				const [text = ''] = readTexts(message, 1);
				this.add(text);
				this.close();
				return text;
			}
			case 'S':
				this.close();
				return null;
			default:
				return null;
		}
	}

	/** @returns what has been answered, when this message ends an answer */
	onServer(message: PgMessage): Answer | null {
		const unit = this.unanswered[0];
		switch (message.type) {
			case 'D': {
				const statement = unit?.statements[Math.min(unit.current, unit.statements.length - 1)];
				if (statement !== undefined) statement.rows += 1;
				return null;
			}
			case 'C':
				if (unit !== undefined) {
					unit.current += 1;
					unit.lastTag = readTexts(message, 1)[0] ?? '';
				}
				return null;
			case 'E':
				if (unit !== undefined) unit.failed = true;
				return null;
			case 'Z':
				return this.end(String.fromCharCode(message.bytes[TRANSACTION_STATUS_AT] ?? 0));
			default:
				return null;
		}
	}

	private add(text: string): string {
		this.open.statements.push({ text, rows: 0 });
		return text;
	}

	private close(): void {
		this.unanswered.push(this.open);
		this.open = newUnit();
	}

	private end(status: string): Answer | null {
		const unit = this.unanswered.shift();
		// The first one ends the log-in; nothing was asked then.
		if (unit === undefined) return null;
		this.transaction.push(...unit.statements);
		if (status !== IDLE) return { statements: unit.statements, committed: [] };
		// The commit of a transaction that had failed is answered as what it is.
		const isCommitted = !unit.failed && unit.lastTag !== 'ROLLBACK';
		const committed = isCommitted ? this.transaction : [];
		this.transaction = [];
		return { statements: unit.statements, committed };
	}
}

function newUnit(): Unit {
	return { statements: [], current: 0, failed: false, lastTag: '' };
}
