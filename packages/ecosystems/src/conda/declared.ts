import { shape, textLines, yamlSteps } from "@plimsoll/formats";
import { inTurns } from "@plimsoll/model";
import type { FileAnalyzer } from "@plimsoll/model";
import { readValueStepsOrReport } from "../shared/reading/value-limit.ts";
import { condaLocked, linesOfItems } from "../shared/reading/conda-files.ts";
import { malformedFile } from "../shared/reading/malformed-file.ts";
import { isRecord, listOf, recordOf, textOf } from "../shared/reading/untrusted.ts";
import { recognized } from "../shared/reading/recognized-file.ts";
import { reportWrongYaml } from "../shared/reading/wrong-parts.ts";
import { condaAddress } from "./address.ts";

const environmentShape = shape.fields({
  dependencies: shape.list(shape.either(shape.text, shape.entries(shape.list(shape.text)))),
});
const lockShape = shape.fields({
  package: shape.list(
    shape.fields({
      name: shape.text,
      version: shape.text,
      manager: shape.text,
      category: shape.text,
      dependencies: shape.entries(shape.anything),
    }),
  ),
});

const shared = { kind: "file", revision: 3, evidence: "declared", maxBytes: 16 * 1024 * 1024 } as const;

/** Pinned dependencies of `environment.yml` (https://docs.conda.io/projects/conda/en/stable/user-guide/tasks/manage-environments.html). */
export const condaEnvironment: FileAnalyzer = recognized(
  {
    ...shared,
    revision: 4,
    id: "conda/environment",
    matches: [{ basename: "environment.yml" }, { basename: "environment.yaml" }],
    async *analyze(file) {
      const text = await file.text();
      const read = await readValueStepsOrReport(file, text, "yaml", (given) => yamlSteps(given));
      if ("problem" in read) return yield read.problem;
      const document = read.value[0];
      if (document === undefined) return;
      if (!isRecord(document)) return yield malformedFile(file, "not a mapping");
      yield* reportWrongYaml(file, document, environmentShape);
      const lines = await inTurns(linesOfItems(text));
      for (const item of listOf(document["dependencies"])) {
        const spec = textOf(item);
        const [, name, version, build] =
          /^(?:[\w.-]+::)?([\w.-]+)\s*={1,2}\s*([0-9][^\s=*<>|,]*)(?:=(\S+))?$/.exec(spec ?? "") ?? [];
        if (spec === undefined || name === undefined || version === undefined) continue;
        const line = lines.get(spec);
        yield {
          kind: "package",
          package: { name, version, relationship: "direct", ...(build === undefined ? {} : { facts: { build } }) },
          ...(line === undefined ? {} : { line }),
        };
      }
    },
  },
  /^(?:dependencies|name|channels|prefix):/m,
);

/** `conda-lock.yml` (https://conda.github.io/conda-lock/output/). Packages of PyPI in it are reported for the ecosystem `pypi`. */
export const condaLock: FileAnalyzer = recognized(
  {
    ...shared,
    revision: 4,
    id: "conda/lock",
    matches: [{ suffix: "conda-lock.yml" }, { suffix: "conda-lock.yaml" }],
    async *analyze(file) {
      const text = await file.text();
      const read = await readValueStepsOrReport(file, text, "yaml", (given) => yamlSteps(given));
      if ("problem" in read) return yield read.problem;
      yield* reportWrongYaml(file, read.value[0], lockShape);
      for await (const { package: found, entry, line } of condaLocked(
        text,
        recordOf(read.value[0])["package"],
        "conda",
      )) {
        const dependsOn = Object.keys(recordOf(entry["dependencies"])).filter((need) => !need.startsWith("__"));
        yield {
          kind: "package",
          package: { ...found, ...(dependsOn.length === 0 ? {} : { dependsOn }) },
          ...(line === undefined ? {} : { line }),
        };
      }
    },
  },
  /^(?:package|metadata|version|@EXPLICIT|# platform)/m,
);

/** Names under which `conda list --explicit` and conda-lock leave lists of addresses; what is in a file decides. */
const explicitSuffixes = [".txt", ".lock"];

/**
 * Explicit lists (docs.conda.io, "Building identical conda environments"): a line `@EXPLICIT`, then one address a line, which conda
 * installs without solving anything.
 */
export const condaExplicit: FileAnalyzer = {
  ...shared,
  id: "conda/explicit",
  revision: 2,
  readsByEntries: true,
  matches: explicitSuffixes.map((suffix) => ({ suffix })),
  async *analyze(file) {
    if (file.size > shared.maxBytes) return;
    const text = await file.text();
    const start = text.search(/^@EXPLICIT\s*$/m);
    if (start < 0) return;
    let number = 0;
    for (const line of textLines(text)) {
      number++;
      const entry = line.trim();
      if (entry === "" || entry.startsWith("#") || entry === "@EXPLICIT") continue;
      const [, channel, subdir, name, version, build, hash] = condaAddress.exec(entry.slice(0, 2_048)) ?? [];
      if (name === undefined || version === undefined) {
        yield malformedFile(file, `${entry.slice(0, 80)} is no address of a conda package`, number);
        continue;
      }
      const hashes =
        hash?.length === 64 ? { hashes: { sha256: hash } } : hash?.length === 32 ? { hashes: { md5: hash } } : {};
      yield {
        kind: "package",
        package: {
          name,
          version,
          ...hashes,
          facts: {
            ...(build === undefined ? {} : { build }),
            ...(channel === undefined ? {} : { channel: channel.slice(channel.lastIndexOf("/") + 1) }),
            ...(subdir === undefined ? {} : { subdir }),
          },
        },
        line: number,
      };
    }
  },
};
