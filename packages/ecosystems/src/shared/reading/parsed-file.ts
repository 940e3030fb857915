import type { AnalyzedFile, Evidence, FileAnalyzer, Observation, Precedence } from "@plimsoll/model";
import { readOrReport } from "./malformed-file.ts";
import { recognized } from "./recognized-file.ts";
import { readValuesOrReport } from "./value-limit.ts";
import type { Language } from "./value-limit.ts";

/** How one file is read: bytes to a document first, then a document to observations. */
export interface ParsedFile<T> {
  readonly id: string;
  readonly revision: number;
  readonly matches: FileAnalyzer["matches"];
  /** Absent: `installed`. */
  readonly evidence?: Evidence;
  /** As {@link FileAnalyzer.yieldsTo}. */
  readonly yieldsTo?: Precedence;
  /** Bytes; default 64 MiB. */
  readonly maxBytes?: number;
  /** The language of the file. Where it is given, a file with more values than the limits allow is reported and not read. */
  readonly language?: Language;
  /** May throw FormatError: then the file is reported and nothing is read from it. */
  readonly parse: (text: string) => T;
  /**
   * A pattern that every such file matches: a file without observations that does not match it is reported. Absent: a file without
   * observations is not reported.
   */
  readonly sign?: RegExp;
  /** Gives the observations that the document leads to. */
  readonly read: (document: T, file: AnalyzedFile) => Iterable<Observation>;
}

/** An analyzer of a text file that is parsed as a whole. */
export function parsedFile<T>({
  parse,
  read,
  sign,
  language,
  maxBytes = 64 * 1024 * 1024,
  ...rest
}: ParsedFile<T>): FileAnalyzer {
  const analyzer: FileAnalyzer = {
    kind: "file",
    maxBytes,
    ...rest,
    async *analyze(file) {
      const text = await file.text();
      const parsed =
        language === undefined
          ? readOrReport(file, () => parse(text))
          : readValuesOrReport(file, text, language, parse);
      if ("problem" in parsed) yield parsed.problem;
      else yield* read(parsed.value, file);
    },
  };
  return sign === undefined ? analyzer : recognized(analyzer, sign);
}
