import { parseYaml } from "@plimsoll/formats";
import type { FileAnalyzer } from "@plimsoll/model";
import { malformedFile, readOrReport } from "../shared/malformed-file.ts";
import { isRecord, listOf, recordOf, textOf } from "../shared/untrusted.ts";
import { recognized } from "../shared/recognized-file.ts";

const shared = { kind: "file", revision: 2, evidence: "declared", maxBytes: 16 * 1024 * 1024 } as const;

/** Pinned dependencies of `environment.yml` (https://docs.conda.io/projects/conda/en/stable/user-guide/tasks/manage-environments.html). */
export const condaEnvironment: FileAnalyzer = recognized(
  {
    ...shared,
    id: "conda/environment",
    matches: [{ basename: "environment.yml" }, { basename: "environment.yaml" }],
    async *analyze(file) {
      const text = await file.text();
      const read = readOrReport(file, () => parseYaml(text));
      if ("problem" in read) return yield read.problem;
      const document = read.value[0];
      if (document === undefined) return;
      if (!isRecord(document)) return yield malformedFile(file, "not a mapping");
      const lines = text.split("\n");
      for (const item of listOf(document["dependencies"])) {
        const spec = textOf(item);
        const [, name, version, build] =
          /^(?:[\w.-]+::)?([\w.-]+)\s*={1,2}\s*([0-9][^\s=*<>|,]*)(?:=(\S+))?$/.exec(spec ?? "") ?? [];
        if (spec === undefined || name === undefined || version === undefined) continue;
        const line = lines.findIndex((content) => content.trim().replace(/^-\s*/, "").startsWith(spec)) + 1;
        yield {
          kind: "package",
          package: { name, version, relationship: "direct", ...(build === undefined ? {} : { facts: { build } }) },
          ...(line === 0 ? {} : { line }),
        };
      }
    },
  },
  /^(?:dependencies|name|channels|prefix):/m,
);

/** `conda-lock.yml` (https://conda.github.io/conda-lock/output/). Packages of PyPI in it are pypi's business. */
export const condaLock: FileAnalyzer = recognized(
  {
    ...shared,
    id: "conda/lock",
    matches: [{ suffix: "conda-lock.yml" }, { suffix: "conda-lock.yaml" }],
    async *analyze(file) {
      const text = await file.text();
      const read = readOrReport(file, () => parseYaml(text));
      if ("problem" in read) return yield read.problem;
      const document = recordOf(read.value[0]);
      const seen = new Set<string>();
      for (const item of listOf(document["package"])) {
        const entry = recordOf(item);
        const name = textOf(entry["name"]);
        const version = textOf(entry["version"]);
        // The same package stands there once for each platform.
        if (name === undefined || version === undefined || entry["manager"] === "pip" || seen.has(`${name} ${version}`))
          continue;
        seen.add(`${name} ${version}`);
        const dependsOn = Object.keys(recordOf(entry["dependencies"])).filter((need) => !need.startsWith("__"));
        const category = textOf(entry["category"]) ?? "main";
        yield {
          kind: "package",
          package: {
            name,
            version,
            ...(category === "main" ? {} : { scope: category === "dev" ? "dev" : "optional" }),
            ...(dependsOn.length === 0 ? {} : { dependsOn }),
          },
        };
      }
    },
  },
  /^(?:package|metadata|version|@EXPLICIT|# platform)/m,
);
