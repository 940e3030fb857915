import type { AnalyzedFile, FileAnalyzer, Observation } from "@plimsoll/model";
import { malformedFile } from "./malformed-file.ts";

/**
 * An analyzer that does not pass over a file in silence: where it says nothing of a text that is not blank and lacks what
 * every such file has (`sign`), the file is reported. A project without dependencies has a lock file, too, and is none of these.
 */
export function recognized(analyzer: FileAnalyzer, sign: RegExp): FileAnalyzer {
  return {
    ...analyzer,
    async *analyze(file, options) {
      let said = false;
      for await (const observation of analyzer.analyze(file, options)) {
        said = true;
        yield observation;
      }
      if (!said) yield* unlessRecognized(file, await file.text(), sign);
    },
  };
}

/** The complaint about a text that is not blank and has no `sign`. */
export function* unlessRecognized(file: AnalyzedFile, text: string, sign: RegExp): Generator<Observation> {
  if (text.trim() === "" || sign.test(text)) return;
  const name = file.path.slice(file.path.lastIndexOf("/") + 1);
  yield malformedFile(file, `holds nothing that ${name} is known by`);
}
