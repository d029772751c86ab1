import { chunkSections, type Chunk, type ChunkOptions } from './chunks';
import { markdownSections } from './markdown-sections';

export type { Chunk, ChunkOptions } from './chunks';

/** Cuts a Markdown document; HTML, comments and front matter are dropped. See {@link chunkSections}. */
export function chunkMarkdown(path: string, markdown: string, options: ChunkOptions = {}): Chunk[] {
	return chunkSections(path, markdownSections(markdown), options);
}
