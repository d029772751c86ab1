import type { Block, Section } from './section';

/** Collects headings and blocks in reading order and gives sections; a heading closes those of its level and below. */
export class SectionBuilder {
	private readonly sections: Section[] = [];
	private path: Array<{ readonly level: number; readonly text: string }> = [];
	private blocks: Block[] = [];

	/** @param level 1 is the outermost */
	heading(level: number, text: string): void {
		this.close();
		this.path = this.path.filter((heading) => heading.level < level);
		if (text.trim() !== '') this.path.push({ level, text: text.trim() });
	}

	/** A block without units is left out. */
	block(block: Block): void {
		if (block.units.length > 0) this.blocks.push(block);
	}

	/** All sections that have text. */
	finish(): readonly Section[] {
		this.close();
		return this.sections;
	}

	private close(): void {
		if (this.blocks.length > 0) {
			this.sections.push({ headings: this.path.map(({ text }) => text), blocks: this.blocks });
		}
		this.blocks = [];
	}
}
