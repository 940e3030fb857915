import type { AnalyzedFile, FileAnalyzer, Observation } from "@plimsoll/model";
import { zippedTexts } from "../shared/reading/zipped-texts.ts";
import { parseHeaders } from "./headers.ts";
import { packageOf } from "./metadata.ts";

const shared = { kind: "file", revision: 4, maxBytes: 512 * 1024 * 1024 } as const;

/** Zipped eggs, which Python imports from as they are (https://setuptools.pypa.io/en/latest/deprecated/python_eggs.html). */
export const pypiEggs: FileAnalyzer = {
  ...shared,
  id: "pypi/egg",
  matches: [{ suffix: ".egg" }],
  analyze: (file) => readArchive(file, (path) => path === "EGG-INFO/PKG-INFO"),
};

/** Wheels that are not installed, in caches and wheelhouses. */
export const pypiWheels: FileAnalyzer = {
  ...shared,
  id: "pypi/wheel",
  evidence: "declared",
  matches: [{ suffix: ".whl" }],
  analyze: (file) => readArchive(file, (path) => /^[^/]+\.dist-info\/METADATA$/.test(path)),
};

async function* readArchive(file: AnalyzedFile, wanted: (path: string) => boolean): AsyncGenerator<Observation> {
  for await (const part of zippedTexts(file, wanted)) {
    if ("kind" in part) {
      yield part;
      continue;
    }
    const found = packageOf(parseHeaders(part.text));
    if (found !== undefined) yield { kind: "package", package: found, at: `${file.path}!/${part.path}` };
  }
}
