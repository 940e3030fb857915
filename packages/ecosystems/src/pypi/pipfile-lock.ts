import { jsonDocumentSteps, shape } from "@plimsoll/formats";
import type { FileAnalyzer } from "@plimsoll/model";
import { readValueStepsOrReport } from "../shared/reading/value-limit.ts";
import { malformedFile } from "../shared/reading/malformed-file.ts";
import { entriesOf, isRecord, recordOf, textOf } from "../shared/reading/untrusted.ts";
import { observeLocked } from "./locked.ts";
import type { LockedPackage } from "./locked.ts";
import { normalizeName } from "./name.ts";
import { recognized } from "../shared/reading/recognized-file.ts";
import { reportWrongParts } from "../shared/reading/wrong-parts.ts";

const sectionsShape = shape.entries(shape.entries(shape.texts("version", "git", "hg", "svn", "path", "file")));

/** `Pipfile.lock` of Pipenv (https://pipenv.pypa.io/en/latest/pipfile.html); sections other than `default` are for development. */
export const pipfileLock: FileAnalyzer = recognized(
  {
    kind: "file",
    id: "pypi/pipfile-lock",
    revision: 5,
    evidence: "declared",
    matches: [{ basename: "Pipfile.lock" }],
    maxBytes: 64 * 1024 * 1024,
    async *analyze(file) {
      const text = await file.text();
      const read = await readValueStepsOrReport(file, text, "json", jsonDocumentSteps);
      if ("problem" in read) return yield read.problem;
      if (!isRecord(read.value.value)) return yield malformedFile(file, "not an object");
      const entries = new Map<string, LockedPackage>();
      const sections = entriesOf(read.value.value).filter(([name]) => name !== "_meta");
      yield* reportWrongParts(file, Object.fromEntries(sections), sectionsShape, read.value.lineOf);
      for (const [section, packages] of sections.sort(([a], [b]) => Number(a !== "default") - Number(b !== "default")))
        for (const [name, value] of entriesOf(packages)) {
          const entry = recordOf(value);
          const version = textOf(entry["version"])?.replace(/^={2,3}\s*/, "");
          if (version === undefined || name === "") continue;
          const key = `${normalizeName(name)}@${version}`;
          if (entries.has(key)) continue;
          entries.set(key, {
            name,
            version,
            line: read.value.lineOf(value),
            ...sourceOf(entry),
            ...(section === "default" ? {} : { scope: "dev" }),
          });
        }
      yield* observeLocked([...entries.values()]);
    },
  },
  /"(?:_meta|default|develop)"\s*:\s*\{/,
);

/** Releases of an index have no source of their own; others rarely have a version. */
function sourceOf(entry: Readonly<Record<string, unknown>>): Pick<LockedPackage, "origin" | "from"> {
  for (const [field, origin] of [
    ["git", "repository"],
    ["hg", "repository"],
    ["svn", "repository"],
    ["path", "path"],
    ["file", "archive"],
  ] as const) {
    const from = textOf(entry[field]);
    if (from !== undefined) return { origin, from };
  }
  return {};
}
