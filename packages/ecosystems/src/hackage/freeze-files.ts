import { parseYaml, shape } from "@plimsoll/formats";
import type { FileAnalyzer, Observation } from "@plimsoll/model";
import { parsedFile } from "../shared/reading/parsed-file.ts";
import { malformedFile } from "../shared/reading/malformed-file.ts";
import { isRecord, listOf, recordOf, textOf } from "../shared/reading/untrusted.ts";
import { reportWrongYaml } from "../shared/reading/wrong-parts.ts";

const stackLockShape = shape.fields({
  packages: shape.list(shape.fields({ completed: shape.texts("hackage") })),
});
const stackProjectShape = shape.fields({
  "extra-deps": shape.list(shape.either(shape.text, shape.texts("git", "github", "url"))),
});

/** `cabal.project.freeze` (cabal.readthedocs.io, "cabal freeze"): `constraints:` with one package each, flags apart. */
export const cabalFreeze: FileAnalyzer = parsedFile({
  id: "hackage/cabal-freeze",
  revision: 3,
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
  revision: 3,
  evidence: "declared",
  matches: [{ basename: "stack.yaml.lock" }],
  sign: /^(?:packages|snapshots):/m,
  language: "yaml",
  parse: (text) => parseYaml(text)[0],
  *read(document, file): Generator<Observation> {
    yield* reportWrongYaml(file, document, stackLockShape);
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

/** `name-1.2.3`, what a revision or a hash behind an `@` adds put aside. */
const immutable =
  /^([A-Za-z][A-Za-z0-9]*(?:-[A-Za-z0-9]*[A-Za-z][A-Za-z0-9]*)*)-(\d[\d.]*)(?:@(?:sha256:([0-9a-f]{64})|rev:\d+)?.*)?$/;

/**
 * `extra-deps` of `stack.yaml` (docs.haskellstack.org/en/stable/configure/yaml/project): what a project takes besides its snapshot,
 * read only where no lock file, which repeats it, is beside it. What comes from repositories and archives has no version there.
 */
export const stackProject: FileAnalyzer = parsedFile({
  id: "hackage/stack-project",
  revision: 3,
  evidence: "declared",
  matches: [{ basename: "stack.yaml" }],
  yieldsTo: { sibling: "stack.yaml.lock" },
  sign: /^(?:resolver|snapshot|packages|extra-deps|flags):/m,
  language: "yaml",
  parse: (text) => parseYaml(text)[0],
  *read(document, file): Generator<Observation> {
    yield* reportWrongYaml(file, document, stackProjectShape);
    for (const item of listOf(recordOf(document)["extra-deps"])) {
      const text = textOf(item) ?? "";
      const [, name, version, sha256] = immutable.exec(text.slice(0, 512)) ?? [];
      if (name !== undefined && version !== undefined) {
        const facts = sha256 === undefined ? {} : { facts: { "cabal-file-sha256": sha256 } };
        yield { kind: "package", package: { name, version, relationship: "direct", ...facts } };
        continue;
      }
      // A directory of the project, with or without `./`, is the project's own.
      if (!isRecord(item) && !/^(?:https?|git|ssh):|@[\w.-]+:|\.(?:tar\.gz|zip|git)$/.test(text)) continue;
      const source = isRecord(item) ? (textOf(item["git"]) ?? textOf(item["github"]) ?? textOf(item["url"])) : text;
      yield {
        ...malformedFile(
          file,
          `the version of the package from ${(source ?? "elsewhere").slice(0, 200)} is not stated`,
        ),
        code: "unknown-version",
        effect: "none",
      };
    }
  },
});
