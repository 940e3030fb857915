import { parseYaml } from "@plimsoll/formats";
import type { FileAnalyzer, Observation } from "@plimsoll/model";
import { parsedFile } from "../shared/parsed-file.ts";
import { listOf, recordOf, textOf } from "../shared/untrusted.ts";

/** `cabal.project.freeze` (cabal.readthedocs.io, "cabal freeze"): `constraints:` with one package each, flags apart. */
export const cabalFreeze: FileAnalyzer = parsedFile({
  id: "hackage/cabal-freeze",
  revision: 2,
  evidence: "declared",
  matches: [{ basename: "cabal.project.freeze" }],
  sign: /^(?:constraints|active-repositories|index-state|with-compiler):/m,
  parse: (text) => text.split("\n"),
  *read(lines): Generator<Observation> {
    for (const [index, line] of lines.entries()) {
      for (const constraint of line.replace(/^\s*constraints:/, "").split(",")) {
        const [, name, version] = /^\s*(?:any\.)?([A-Za-z0-9-]+)\s*==\s*(\d[\d.]*)\s*$/.exec(constraint) ?? [];
        if (name === undefined || version === undefined) continue;
        yield { kind: "package", package: { name, version }, line: index + 1 };
      }
    }
  },
});

/** `stack.yaml.lock` (docs.haskellstack.org/en/stable/lock_files): `name-version@sha256:…,size`. */
export const stackLock: FileAnalyzer = parsedFile({
  id: "hackage/stack-lock",
  revision: 2,
  evidence: "declared",
  matches: [{ basename: "stack.yaml.lock" }],
  sign: /^(?:packages|snapshots):/m,
  parse: (text) => parseYaml(text)[0],
  *read(document): Generator<Observation> {
    for (const item of listOf(recordOf(document)["packages"])) {
      const text = textOf(recordOf(recordOf(item)["completed"])["hackage"]) ?? "";
      const [, name, version, sha256] = /^(.+)-(\d[\d.]*)(?:@sha256:([0-9a-f]{64}))?/.exec(text.slice(0, 512)) ?? [];
      if (name === undefined || version === undefined) continue;
      yield {
        kind: "package",
        package: { name, version, ...(sha256 === undefined ? {} : { facts: { "cabal-file-sha256": sha256 } }) },
      };
    }
  },
});
