import { parseJson, shape } from "@plimsoll/formats";
import type { Origin, TreeAnalyzer } from "@plimsoll/model";
import { readOrReport } from "../shared/reading/malformed-file.ts";
import { isRecord, recordOf, textOf } from "../shared/reading/untrusted.ts";
import { reportWrongParts } from "../shared/reading/wrong-parts.ts";

const urlShape = shape.fields({
  url: shape.text,
  vcs_info: shape.texts("commit_id"),
  dir_info: shape.entries(shape.anything),
});

/**
 * `*.dist-info/direct_url.json`: the distribution came from a repository or a directory, not from an index
 * (https://packaging.python.org/en/latest/specifications/direct-url/). The address is the fact `from` of the distribution beside it.
 */
export const pypiDirectUrl: TreeAnalyzer = {
  kind: "tree",
  id: "pypi/direct-url",
  revision: 3,
  matches: [{ suffix: ".dist-info/direct_url.json" }],
  maxBytes: 1024 * 1024,
  async *analyze(files, observed) {
    const beside = new Map(
      observed.flatMap(({ observation, path, analyzer }) =>
        observation.kind === "package" && analyzer === "pypi/metadata" ? [[path, observation.package] as const] : [],
      ),
    );
    for (const file of files) {
      const metadata = file.path.replace(/direct_url\.json$/, "METADATA");
      const found = beside.get(metadata);
      if (found === undefined) continue;
      const text = await file.text();
      const read = readOrReport(file, () => parseJson(text));
      if ("value" in read)
        for (const told of reportWrongParts(file, read.value, urlShape)) yield { ...told, effect: "none" };
      const from = "problem" in read ? undefined : sourceOf(recordOf(read.value));
      if ("problem" in read) yield { ...read.problem, effect: "none" };
      else if (from !== undefined)
        yield {
          kind: "package",
          package: { ...found, origin: from.origin, facts: { ...found.facts, from: from.address } },
          at: metadata,
        };
    }
  },
};

/** Archives are left out: they may well be those of an index. */
function sourceOf(
  document: Readonly<Record<string, unknown>>,
): { readonly origin: Origin; readonly address: string } | undefined {
  const url = textOf(document["url"]);
  if (url === undefined) return undefined;
  const commit = textOf(recordOf(document["vcs_info"])["commit_id"]);
  if (commit !== undefined) return { origin: "repository", address: `${url}@${commit}` };
  return isRecord(document["dir_info"]) ? { origin: "path", address: url } : undefined;
}
