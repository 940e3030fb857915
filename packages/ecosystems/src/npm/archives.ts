import { readValuesOrReport } from "../shared/reading/value-limit.ts";
import { parseJson } from "@plimsoll/formats";
import type { FileAnalyzer } from "@plimsoll/model";
import { recordOf } from "../shared/reading/untrusted.ts";
import { zippedTexts } from "../shared/reading/zipped-texts.ts";
import { reportWrongParts } from "../shared/reading/wrong-parts.ts";
import { installedShape, packageOf } from "./installed.ts";
import { packageNameOf } from "./package-path.ts";

/**
 * Packages inside archives that Node.js loads from or that editors install: the cache of Yarn since version 2
 * (https://yarnpkg.com/features/caching) and `*.vsix` extensions. Archives inside are not opened.
 */
export const npmArchives: FileAnalyzer = {
  kind: "file",
  id: "npm/archives",
  revision: 3,
  matches: [{ suffix: ".zip" }, { suffix: ".vsix" }],
  maxBytes: 256 * 1024 * 1024,
  async *analyze(file) {
    if (!file.path.endsWith(".vsix") && !/(?:^|\/)\.?yarn\/(?:berry\/)?cache\/[^/]+\.zip$/.test(file.path)) return;
    for await (const part of zippedTexts(file, isManifest)) {
      if ("kind" in part) {
        yield part;
        continue;
      }
      const read = readValuesOrReport(file, part.text, "json", parseJson);
      if ("problem" in read) yield read.problem;
      else {
        yield* reportWrongParts(file, read.value, installedShape);
        const found = packageOf(recordOf(read.value), true);
        if (found !== undefined) yield { kind: "package", package: found, at: `${file.path}!/${part.path}` };
      }
    }
  },
};

function isManifest(path: string): boolean {
  return path.endsWith("/package.json") && packageNameOf(path.slice(0, -"/package.json".length)) !== undefined;
}
