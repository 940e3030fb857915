import type { AnalyzedFile, FileAnalyzer, Observation } from "@plimsoll/model";
import { malformedFile } from "./malformed-file.ts";

/**
 * An analyzer that reports files it cannot recognise: those that are not blank, give no observation, and do not match `sign`, which
 * every such file does. The lock file of a project without dependencies matches it and is not reported.
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

/** The diagnostic for a text that is not blank and does not match `sign`. */
export function* unlessRecognized(file: AnalyzedFile, text: string, sign: RegExp): Generator<Observation> {
  if (text.trim() === "" || sign.test(text)) return;
  const name = file.path.slice(file.path.lastIndexOf("/") + 1);
  yield malformedFile(file, `holds nothing that ${name} is known by`);
}
