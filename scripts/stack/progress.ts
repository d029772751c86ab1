/** One finished step of a start, in seconds with one decimal. */
export interface StepTime {
	readonly name: string;
	readonly seconds: number;
}

const MS_PER_S = 1000;
/** A step that takes longer announces itself, so that nobody thinks it hangs. */
const ANNOUNCE_AFTER_MS = 3000;

/** One line per step on stderr, `[ 3/11] n8n installed  42.1 s`; results go to stdout and are not its business. */
export class Progress {
	readonly steps: StepTime[] = [];
	private done = 0;

	constructor(
		private readonly total: number,
		private readonly write: (line: string) => void = (line) => process.stderr.write(`${line}\n`),
		private readonly nowMs: () => number = () => performance.now(),
	) {}

	/** Runs one step and prints it when it ends; steps may overlap. `note` of the result is shown behind the name. */
	async step<T>(name: string, work: () => Promise<T>, note?: (result: T) => string): Promise<T> {
		const startedMs = this.nowMs();
		const announce = setTimeout(
			() => this.write(`${' '.repeat(String(this.total).length * 2 + 3)} ${name} ...`),
			ANNOUNCE_AFTER_MS,
		);
		try {
			const result = await work();
			const seconds = Math.round((this.nowMs() - startedMs) / (MS_PER_S / 10)) / 10;
			this.steps.push({ name, seconds });
			this.done += 1;
			const text = note?.(result) ?? '';
			const number = String(this.done).padStart(String(this.total).length);
			this.write(`[${number}/${this.total}] ${name}${text === '' ? '' : `: ${text}`}  ${seconds.toFixed(1)} s`);
			return result;
		} finally {
			clearTimeout(announce);
		}
	}
}
