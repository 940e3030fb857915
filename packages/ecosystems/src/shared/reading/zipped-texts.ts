import { FormatError, openZipBytes } from "@plimsoll/formats";
import { workDone } from "@plimsoll/model";
import type { AnalyzedFile, Diagnostic } from "@plimsoll/model";
import { malformedFile } from "./malformed-file.ts";

/** One text file of a zip. */
export interface ZippedText {
  readonly path: string;
  readonly text: string;
}

const maxTextBytes = 16 * 1024 * 1024;

/** The wanted text files of a zip, one after the other; a diagnostic for what cannot be read. */
export async function* zippedTexts(
  file: AnalyzedFile,
  wanted: (path: string) => boolean,
): AsyncGenerator<ZippedText | Diagnostic> {
  const content = await file.ranges();
  try {
    const zip = openZipBytes(content, { maxEntryBytes: maxTextBytes, wanted });
    for (const entry of zip.entries) {
      const text = new TextDecoder().decode(zip.read(entry));
      await workDone(entry.size);
      yield { path: entry.path, text };
    }
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    yield malformedFile(file, error.message);
  }
}
