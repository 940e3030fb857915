import type { Steps } from "@plimsoll/formats";
import type { AnalyzedFile, Diagnostic, Evidence, FileAnalyzer, Observation, Precedence } from "@plimsoll/model";
import { readOrReport, readStepsOrReport } from "./malformed-file.ts";
import { recognized } from "./recognized-file.ts";
import { tooManyValues, tooManyValuesByEntries } from "./value-limit.ts";
import type { Language } from "./value-limit.ts";

/** How one file is read: bytes to a document first, then a document to observations. */
export type ParsedFile<T> = ParsedFileFacts<T> & HowParsed<T>;

/** Either may throw FormatError: then the file is reported and nothing is read from it. */
type HowParsed<T> =
  | { readonly parse: (text: string) => T; readonly steps?: undefined }
  /** In portions, with turns of the event loop in between. */
  | { readonly steps: (text: string) => Steps<T>; readonly parse?: undefined };

interface ParsedFileFacts<T> {
  readonly id: string;
  readonly revision: number;
  readonly matches: FileAnalyzer["matches"];
  /** Absent: `installed`. */
  readonly evidence?: Evidence;
  /** As {@link FileAnalyzer.yieldsTo}. */
  readonly yieldsTo?: Precedence;
  /** Bytes; default 64 MiB. */
  readonly maxBytes?: number;
  /** As {@link FileAnalyzer.readsByEntries}. */
  readonly readsByEntries?: boolean;
  /** The language of the file. Where it is given, a file with more values than the limits allow is reported and not read. */
  readonly language?: Language;
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
  steps,
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
      const tooMany = language === undefined ? undefined : await tooManyIn(file, text, language, rest.readsByEntries);
      if (tooMany !== undefined) return yield tooMany;
      const parsed =
        steps === undefined ? readOrReport(file, () => parse(text)) : await readStepsOrReport(file, steps(text));
      if ("problem" in parsed) yield parsed.problem;
      else yield* read(parsed.value, file);
    },
  };
  return sign === undefined ? analyzer : recognized(analyzer, sign);
}

async function tooManyIn(
  file: AnalyzedFile,
  text: string,
  language: Language,
  byEntries: boolean = false,
): Promise<Diagnostic | undefined> {
  return byEntries ? tooManyValuesByEntries(file, await file.bytes(), language) : tooManyValues(file, text, language);
}
