import { textLines } from "@plimsoll/formats";
import type { FileAnalyzer, Observation } from "@plimsoll/model";
import { malformedFile } from "../shared/reading/malformed-file.ts";
import { parseSourceRpm } from "./source-rpm.ts";

/** Distroless images of CBL-Mariner and Azure Linux have a list of packages in place of a database. */
export const marinerManifest: FileAnalyzer = {
  kind: "file",
  id: "rpm/mariner-manifest",
  revision: 1,
  matches: [{ path: "var/lib/rpmmanifest/container-manifest-2" }],
  async *analyze(file): AsyncGenerator<Observation> {
    let line = 0;
    for (const text of textLines(await file.text())) {
      line++;
      if (text.trim() === "") continue;
      const observation = readLine(text);
      if (observation === undefined) yield malformedFile(file, `line ${line} does not have ten columns`, line);
      else yield { ...observation, line };
    }
  },
};

/** NAME, VERSION-RELEASE, INSTALLTIME, BUILDTIME, VENDOR, EPOCH, SIZE, ARCH, EPOCHNUM, SOURCERPM, by tabs. */
function readLine(text: string): Extract<Observation, { kind: "package" }> | undefined {
  const [name = "", version = "", , , vendor = "", epoch = "", , architecture = "", , sourceRpm = ""] = text
    .trimEnd()
    .split("\t");
  if (name === "" || version === "" || architecture === "" || sourceRpm === "") return undefined;
  const prefix = /^[1-9]\d*$/.test(epoch) ? `${epoch}:` : "";
  const source = parseSourceRpm(sourceRpm);
  return {
    kind: "package",
    package: {
      name,
      version: prefix + version,
      architecture,
      ...(source === undefined ? {} : { source: { name: source.name, version: prefix + source.version } }),
      ...(vendor === "" || vendor === "(none)" ? {} : { supplier: vendor }),
      facts: { sourcerpm: sourceRpm },
    },
  };
}
