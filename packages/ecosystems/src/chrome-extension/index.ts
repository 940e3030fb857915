import { readValuesOrReport } from "../shared/reading/value-limit.ts";
import { parseJson, shape } from "@plimsoll/formats";
import type { Ecosystem, FileAnalyzer, Observation } from "@plimsoll/model";
import { defineEcosystem } from "../define-ecosystem.ts";
import { malformedFile } from "../shared/reading/malformed-file.ts";
import { genericVersions } from "../shared/versions/generic-versions.ts";
import { isRecord, ownValue, textOf } from "../shared/reading/untrusted.ts";
import { reportWrongParts } from "../shared/reading/wrong-parts.ts";

/** `<id>/<version>/manifest.json`: browsers name the directory of an extension after its key, in letters from a to p. */
const place = /(?:^|\/)([a-p]{32})\/[^/]+\/manifest\.json$/;

/** Extensions as Chrome and its relatives unpack them into a profile (developer.chrome.com/docs/extensions/reference/manifest). */
const manifest: FileAnalyzer = {
  kind: "file",
  id: "chrome-extension/manifest",
  revision: 2,
  matches: [{ basename: "manifest.json" }],
  maxBytes: 4 * 1024 * 1024,
  async *analyze(file): AsyncGenerator<Observation> {
    const id = place.exec(file.path)?.[1];
    if (id === undefined) return;
    const text = await file.text();
    const read = readValuesOrReport(file, text, "json", parseJson);
    if ("problem" in read) return yield read.problem;
    const version = textOf(ownValue(read.value, "version"));
    if (!isRecord(read.value) || version === undefined)
      return yield malformedFile(file, "the extension has no version");
    yield* reportWrongParts(file, read.value, shape.texts("name"));
    const title = textOf(read.value["name"]);
    // A name in the user's language stands in further files; the id is what it is known by.
    const isTranslated = title === undefined || title.startsWith("__MSG_");
    yield { kind: "package", package: { name: id, version, ...(isTranslated ? {} : { facts: { title } }) } };
  },
};

/** Extensions of Chromium's browsers, as in images of remote desktops and of browser tests. */
export const chromeExtension: Ecosystem = defineEcosystem({
  id: "chrome-extension",
  analyzers: [manifest],
  versions: genericVersions,
  lookupGap: () => ({
    code: "no-advisories",
    message: "Nobody publishes advisories for browser extensions by their id",
  }),
});
