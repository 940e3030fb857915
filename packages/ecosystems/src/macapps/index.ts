import { formatPurl } from "@plimsoll/formats";
import type { Ecosystem, FileAnalyzer, Observation } from "@plimsoll/model";
import { defineEcosystem } from "../define-ecosystem.ts";
import { malformedFile, readOrReport } from "../shared/reading/malformed-file.ts";
import { readPropertyTexts } from "./property-list.ts";

const wanted: ReadonlySet<string> = new Set([
  "CFBundleDisplayName",
  "CFBundleIdentifier",
  "CFBundleName",
  "CFBundleShortVersionString",
  "CFBundleVersion",
]);

/** What an application for macOS says of itself. */
const information: FileAnalyzer = {
  kind: "file",
  id: "macapps/information",
  revision: 2,
  matches: [{ suffix: ".app/Contents/Info.plist" }],
  maxBytes: 16 * 1024 * 1024,
  async *analyze(file): AsyncGenerator<Observation> {
    const bytes = await file.bytes();
    const read = readOrReport(file, () => readPropertyTexts(bytes, wanted));
    if ("problem" in read) {
      yield read.problem;
      return;
    }
    const text = (key: string): string | undefined => read.value.get(key)?.trim() || undefined;
    const name = text("CFBundleName") ?? text("CFBundleDisplayName");
    const version = text("CFBundleShortVersionString") ?? text("CFBundleVersion");
    const identifier = text("CFBundleIdentifier");
    if (name === undefined || version === undefined)
      yield malformedFile(file, `the application has no ${name === undefined ? "name" : "version"}`);
    else
      yield {
        kind: "package",
        package: { name, version, ...(identifier === undefined ? {} : { facts: { bundleidentifier: identifier } }) },
      };
  },
};

/** Applications for macOS, in backups and file systems of Macs. Nobody publishes advisories for them in a common form. */
export const macapps: Ecosystem = defineEcosystem({
  id: "macapps",
  analyzers: [information],
  purl: (pkg) => formatPurl({ type: "generic", namespace: "macos", name: pkg.name, version: pkg.version }),
  lookupGap: () => ({
    code: "no-advisories",
    message: "Nobody publishes advisories for applications of macOS by name",
  }),
});
