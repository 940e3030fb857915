import { readValuesOrReport } from "../shared/reading/value-limit.ts";
import { parseJson, parseYaml, shape } from "@plimsoll/formats";
import type { AnalyzedFile, FileAnalyzer, Observation } from "@plimsoll/model";
import { malformedFile } from "../shared/reading/malformed-file.ts";
import { isRecord, textOf, textsOf } from "../shared/reading/untrusted.ts";
import { reportWrongParts } from "../shared/reading/wrong-parts.ts";

const texts = shape.either(shape.text, shape.list(shape.text));
const metaShape = shape.fields({ license: texts, author: texts });

const shared = { kind: "file", revision: 4, maxBytes: 16 * 1024 * 1024 } as const;

/** `.meta/<distribution>/MYMETA.json`, which CPAN clients leave behind for what they installed. */
export const cpanInstalled: FileAnalyzer = {
  ...shared,
  id: "cpan/installed",
  matches: [{ basename: "MYMETA.json" }],
  async *analyze(file) {
    if (/(?:^|\/)\.meta\/[^/]+\/MYMETA\.json$/.test(file.path)) yield* observeMeta(file, parseJson);
  },
};

/** `META.json` and `META.yml` of a distribution's source (https://metacpan.org/pod/CPAN::Meta::Spec). */
export const cpanMeta: FileAnalyzer = {
  ...shared,
  id: "cpan/meta",
  evidence: "declared",
  matches: [{ basename: "META.json" }, { basename: "META.yml" }],
  // The older serialization is written beside the newer one, and may say less.
  yieldsTo: { sibling: "META.json" },
  async *analyze(file) {
    yield* observeMeta(file, file.path.endsWith(".json") ? parseJson : (text) => parseYaml(text)[0]);
  },
};

async function* observeMeta(file: AnalyzedFile, parse: (text: string) => unknown): AsyncGenerator<Observation> {
  const text = await file.text();
  const read = readValuesOrReport(file, text, file.path.endsWith(".json") ? "json" : "yaml", parse);
  if ("problem" in read) return yield read.problem;
  if (!isRecord(read.value)) return yield malformedFile(file, "not an object");
  const name = textOf(read.value["name"]);
  const stated = read.value["version"];
  const version = typeof stated === "number" ? String(stated) : textOf(stated);
  if (name === undefined || version === undefined) {
    // Other tools have a `META.json`, too; the version of the specification is Perl's own.
    if (isRecord(read.value["meta-spec"])) yield malformedFile(file, "states no name or no version as text");
    return;
  }
  yield* reportWrongParts(file, read.value, metaShape);
  const licenses = textsOf(read.value["license"]).filter((license) => license !== "unknown");
  const supplier = textsOf(read.value["author"])[0];
  yield {
    kind: "package",
    package: {
      name,
      version,
      ...(licenses.length === 0 ? {} : { licenses }),
      ...(supplier === undefined || supplier === "~" ? {} : { supplier }),
    },
  };
}
