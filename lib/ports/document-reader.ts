import type { Section } from '../knowledge/section';

export const DOCUMENT_FORMATS = ['markdown', 'text', 'pdf', 'docx'] as const;
export type DocumentFormat = (typeof DOCUMENT_FORMATS)[number];

/** Why a document cannot be read; the codes are those of lib/errors.ts. */
export type DocumentProblemCode =
	'TRF_DOCUMENT_TOO_LARGE' | 'TRF_DOCUMENT_ENCRYPTED' | 'TRF_DOCUMENT_UNREADABLE' | 'TRF_DOCUMENT_NO_TEXT';

export type ReadDocument =
	| {
			readonly ok: true;
			readonly format: DocumentFormat;
			readonly sections: readonly Section[];
			/** What the file itself says about it (front matter of Markdown), not yet checked; null for none. */
			readonly frontMatter: string | null;
	  }
	| { readonly ok: false; readonly code: DocumentProblemCode; readonly problem: string };

/** What ingestion needs to turn files into text. The adapter is `lib/adapters/document-reader.ts`. */
export interface DocumentReader {
	/** Never throws for what is in the file, however broken or hostile it is. */
	read(fileName: string, bytes: Uint8Array): Promise<ReadDocument>;
}

/** Format by the end of the file's name; null for files that are no documents for us. */
export function documentFormat(fileName: string): DocumentFormat | null {
	const ending = /\.([a-z]+)$/iu.exec(fileName)?.[1]?.toLowerCase();
	switch (ending) {
		case 'md':
		case 'markdown':
			return 'markdown';
		case 'txt':
			return 'text';
		case 'pdf':
			return 'pdf';
		case 'docx':
			return 'docx';
		default:
			return null;
	}
}
