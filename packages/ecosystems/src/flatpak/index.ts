import { formatPurl, xmlSteps, xmlChild, xmlChildren, xmlText } from "@plimsoll/formats";
import type { Ecosystem, FileAnalyzer, Observation } from "@plimsoll/model";
import { defineEcosystem } from "../define-ecosystem.ts";
import { malformedFile } from "../shared/reading/malformed-file.ts";
import { parsedFile } from "../shared/reading/parsed-file.ts";

/** What an installed application says of itself (AppStream): its first release is the newest. */
const metainfo: FileAnalyzer = parsedFile({
  id: "flatpak/metainfo",
  revision: 2,
  matches: [{ suffix: ".metainfo.xml" }, { suffix: ".appdata.xml" }],
  maxBytes: 16 * 1024 * 1024,
  steps: (text) => xmlSteps(text),
  *read({ root, problem }, file): Generator<Observation> {
    // Ordinary packages install such files too.
    if (!/(?:^|\/)flatpak\//.test(file.path)) return;
    const name = xmlText(root, "id");
    const [release] = xmlChildren(xmlChild(root, "releases"), "release");
    const version = release?.attributes.get("version")?.trim();
    if (problem !== undefined) yield malformedFile(file, problem);
    if (name === undefined || version === undefined || version === "")
      yield malformedFile(file, `the application has no ${name === undefined ? "id" : "release"}`);
    else {
      const license = xmlText(root, "project_license");
      const supplier = xmlText(root, "developer_name") ?? xmlText(xmlChild(root, "developer"), "name");
      yield {
        kind: "package",
        package: {
          name,
          version,
          ...(license === undefined ? {} : { licenses: [license] }),
          ...(supplier === undefined ? {} : { supplier }),
        },
      };
    }
  },
});

/** `…/flatpak/runtime/<id>/<architecture>/<branch>/<commit>/metadata` (docs.flatpak.org, flatpak-metadata). */
const runtimePlace = /(?:^|\/)flatpak\/runtime\/([\w.-]+)\/([\w-]+)\/([\w.-]+)\/([0-9a-f]{8,64})\/metadata$/;

/** Runtimes and extensions that applications are built on. Their branch is all the version they have. */
const runtime: FileAnalyzer = {
  kind: "file",
  id: "flatpak/runtime",
  revision: 1,
  matches: [{ basename: "metadata" }],
  maxBytes: 1024 * 1024,
  async *analyze(file): AsyncGenerator<Observation> {
    const [, name, architecture, branch, commit] = runtimePlace.exec(file.path) ?? [];
    if (name === undefined || architecture === undefined || branch === undefined || commit === undefined) return;
    if (!/^\[(?:Runtime|ExtensionOf)\]\s*$/m.test(await file.text()))
      return yield malformedFile(file, "describes no runtime");
    yield { kind: "package", package: { name, version: branch, architecture, facts: { commit } } };
  },
};

/** Flatpak applications and runtimes. Nobody publishes advisories for them. */
export const flatpak: Ecosystem = defineEcosystem({
  id: "flatpak",
  analyzers: [metainfo, runtime],
  purl: (pkg) => formatPurl({ type: "flatpak", name: pkg.name, version: pkg.version }),
  lookupGap: () => ({
    code: "no-advisories",
    message: "Nobody publishes advisories for Flatpak applications and runtimes",
  }),
});
