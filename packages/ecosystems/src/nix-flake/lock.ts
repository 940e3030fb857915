import { jsonDocumentSteps, shape } from "@plimsoll/formats";
import type { FileAnalyzer, FoundPackage, Observation } from "@plimsoll/model";
import { malformedFile } from "../shared/reading/malformed-file.ts";
import { parsedFile } from "../shared/reading/parsed-file.ts";
import { entriesOf, isRecord, ownValue, textOf } from "../shared/reading/untrusted.ts";
import { reportWrongParts } from "../shared/reading/wrong-parts.ts";

const lockShape = shape.fields({
  root: shape.text,
  nodes: shape.entries(
    shape.fields({
      inputs: shape.entries(shape.either(shape.text, shape.list(shape.text))),
      locked: shape.either(shape.texts("type", "owner", "repo", "rev", "host", "url", "narHash"), shape.anything),
    }),
  ),
});

/**
 * `flake.lock` of Nix (https://nix.dev/manual/nix/latest/command-ref/new-cli/nix3-flake#lock-files), versions 5 to 7: a graph whose
 * nodes are inputs at a commit. Directories of the project itself are left out.
 */
export const flakeLock: FileAnalyzer = parsedFile({
  id: "nix-flake/lock",
  revision: 2,
  evidence: "declared",
  matches: [{ basename: "flake.lock" }],
  language: "json",
  steps: jsonDocumentSteps,
  *read({ value: document, lineOf }, file): Generator<Observation> {
    const nodes = ownValue(document, "nodes");
    if (!isRecord(nodes)) return yield malformedFile(file, "has no nodes");
    yield* reportWrongParts(file, document, lockShape, lineOf);
    const root = textOf(ownValue(document, "root")) ?? "root";
    const direct = new Set(inputsOf(nodes, root, root));
    for (const [key, node] of entriesOf(nodes)) {
      if (key === root) continue;
      const locked = ownValue(node, "locked");
      if (!isRecord(locked)) {
        yield malformedFile(file, `the input ${key.slice(0, 80)} is not locked`, lineOf(node));
        continue;
      }
      const found = sourceOf(locked);
      if (found === undefined) continue;
      const dependsOn = inputsOf(nodes, root, key);
      const line = lineOf(node);
      yield {
        kind: "package",
        package: {
          ...found,
          key,
          relationship: direct.has(key) ? "direct" : "indirect",
          ...(dependsOn.length === 0 ? {} : { dependsOn }),
        },
        ...(line === undefined ? {} : { line }),
      };
    }
  },
});

/** Steps from input to input that are taken for one; real ones need two or three. */
const maxSteps = 64;

/** The nodes that are inputs of a node. */
function inputsOf(nodes: Readonly<Record<string, unknown>>, root: string, key: string): readonly string[] {
  let steps = 0;
  /** An input is named by the key of its node, or by a path of inputs from the root, each of which may be a path in turn. */
  function follow(input: unknown): string | undefined {
    if (!Array.isArray(input)) return textOf(input);
    let at: string | undefined = root;
    for (const step of input) {
      if (at === undefined || typeof step !== "string" || ++steps > maxSteps) return undefined;
      at = follow(ownValue(ownValue(ownValue(nodes, at), "inputs"), step));
    }
    return at;
  }
  const found = entriesOf(ownValue(ownValue(nodes, key), "inputs")).flatMap(([, input]) => {
    steps = 0;
    return follow(input) ?? [];
  });
  return [...new Set(found)].filter((name) => name !== root && Object.hasOwn(nodes, name));
}

/** Undefined for what lies in the project itself. */
function sourceOf(locked: Readonly<Record<string, unknown>>): FoundPackage | undefined {
  const said = (field: string): string | undefined => textOf(ownValue(locked, field));
  const [type, owner, repository, revision] = [said("type"), said("owner"), said("repo"), said("rev")];
  if (type === undefined || type === "path") return undefined;
  if (owner !== undefined && repository !== undefined) {
    const from = `git+https://${said("host") ?? hosts.get(type) ?? type}/${owner}/${repository}`;
    return { name: `${owner}/${repository}`, version: revision ?? "", facts: { type, from } };
  }
  const url = said("url");
  const [path = ""] = url?.split(/[?#]/, 1) ?? [];
  const [name = ""] = path
    .split("/")
    .filter((part) => part !== "")
    .slice(-1);
  if (url === undefined || name === "") return undefined;
  // An archive has no commit unless its server said one: what is locked is the hash of its content.
  return { name: name.replace(/\.git$/, ""), version: revision ?? said("narHash") ?? "", facts: { type, from: url } };
}

/** Where the short types of references lead. */
const hosts: ReadonlyMap<string, string> = new Map([
  ["github", "github.com"],
  ["gitlab", "gitlab.com"],
  ["sourcehut", "git.sr.ht"],
]);
