import { jsonDocumentSteps, shape } from "@plimsoll/formats";
import type { FileAnalyzer } from "@plimsoll/model";
import { readValueStepsOrReport } from "../shared/reading/value-limit.ts";
import { malformedFile } from "../shared/reading/malformed-file.ts";
import { entriesOf, isRecord, recordOf, textOf } from "../shared/reading/untrusted.ts";
import { hashesOf } from "./integrity.ts";
import { parseRegistrySpec } from "./registry-spec.ts";
import { scopesFrom } from "../shared/reading/reachable-scopes.ts";
import { elsewhere, originOf } from "../shared/names/elsewhere.ts";
import { reportWrongParts } from "../shared/reading/wrong-parts.ts";

const ranges = shape.entries(shape.text);
const needs = { dependencies: ranges, optionalDependencies: ranges, peerDependencies: ranges };
const lockShape = shape.fields({
  workspaces: shape.entries(shape.fields({ ...needs, devDependencies: ranges, name: shape.text, version: shape.text })),
  packages: shape.entries(shape.list(shape.either(shape.text, shape.fields(needs)))),
});

/** `bun.lock` (https://bun.sh/docs/install/lockfile): JSON with comments, packages by where they are looked up. */
export const bunLock: FileAnalyzer = {
  kind: "file",
  id: "npm/bun-lock",
  revision: 4,
  evidence: "declared",
  matches: [{ basename: "bun.lock" }],
  maxBytes: 64 * 1024 * 1024,
  async *analyze(file) {
    const text = await file.text();
    const read = await readValueStepsOrReport(file, text, "json", (document) =>
      jsonDocumentSteps(document, { lenient: true }),
    );
    if ("problem" in read) return yield read.problem;
    const document = recordOf(read.value.value);
    if (!isRecord(read.value.value)) return yield malformedFile(file, "not an object");
    yield* reportWrongParts(file, document, lockShape, read.value.lineOf);
    if (typeof document["lockfileVersion"] !== "number") yield malformedFile(file, "has no number as lockfileVersion");
    const entries = new Map<string, BunEntry>();
    for (const [key, value] of entriesOf(document["packages"])) {
      const line = read.value.lineOf(value);
      const entry = entryOf(value, line);
      if (entry === undefined)
        yield malformedFile(file, `the entry ${key.slice(0, 80)} does not begin with name and version`, line);
      else entries.set(key, entry);
      if (entry !== undefined && !entry.isWorkspace && !entry.statesNeeds)
        yield malformedFile(file, `the entry ${key.slice(0, 80)} has no object of what it needs`, line);
    }
    const edges = (key: string): readonly string[] =>
      (entries.get(key)?.needs ?? []).flatMap((name) => lookUp(entries, key, name));
    const scopeOf = scopesFrom(directNeeds(document["workspaces"], entries), edges);
    const ownVersions = workspaceVersions(document["workspaces"]);
    for (const [key, { name, version: stated, line, integrity, from, isWorkspace }] of entries) {
      const version = isWorkspace && stated === "" ? (ownVersions.get(name) ?? "") : stated;
      const hashes = hashesOf(integrity);
      const dependsOn = edges(key);
      yield {
        kind: "package",
        package: {
          name,
          version,
          key,
          ...(isWorkspace ? { relationship: "workspace" } : scopeOf(key)),
          ...(dependsOn.length === 0 ? {} : { dependsOn }),
          ...(hashes === undefined ? {} : { hashes }),
          ...(from === undefined ? {} : elsewhere(originOf(from), from)),
        },
        ...(line === undefined ? {} : { line }),
      };
    }
  },
};

interface BunEntry {
  readonly name: string;
  readonly version: string;
  readonly from: string | undefined;
  readonly isWorkspace: boolean;
  readonly statesNeeds: boolean;
  readonly needs: readonly string[];
  readonly integrity: string | undefined;
  readonly line: number | undefined;
}

/** `["name@version", registry, { dependencies }, integrity]`; sources other than registries leave fields out. */
function entryOf(value: unknown, line: number | undefined): BunEntry | undefined {
  const fields: readonly unknown[] = Array.isArray(value) ? value : [];
  const id = textOf(fields[0]);
  const at = id?.indexOf("@", 1) ?? -1;
  if (id === undefined || at === -1) return undefined;
  const reference = id.slice(at + 1);
  const isWorkspace = reference.startsWith("workspace:");
  const spec = parseRegistrySpec(reference);
  const info = recordOf(fields.find(isRecord));
  return {
    name: spec.name ?? id.slice(0, at),
    version: spec.version,
    from: spec.from,
    isWorkspace,
    statesNeeds: fields.some(isRecord),
    needs: ["dependencies", "optionalDependencies", "peerDependencies"].flatMap((field) =>
      Object.keys(recordOf(info[field])),
    ),
    integrity: textOf(fields.findLast((field) => typeof field === "string" && /^sha\d+-/.test(field))),
    line,
  };
}

/** A package at `a/b` finds `c` at `a/b/c`, `a/c` or `c`. */
function lookUp(entries: ReadonlyMap<string, unknown>, from: string, name: string): readonly string[] {
  for (let at = from; ; at = parentOf(at)) {
    const key = at === "" ? name : `${at}/${name}`;
    if (entries.has(key)) return [key];
    if (at === "") return [];
  }
}

/** `a/@s/b` lies in `a`. */
function parentOf(key: string): string {
  const cut = key.lastIndexOf("/");
  if (cut === -1) return "";
  const scope = key.lastIndexOf("/", cut - 1);
  return key[scope + 1] === "@" ? key.slice(0, Math.max(0, scope)) : key.slice(0, cut);
}

/** The versions of the workspaces' own packages, by name, which their entries leave out. */
function workspaceVersions(workspaces: unknown): ReadonlyMap<string, string> {
  return new Map(
    entriesOf(workspaces).flatMap(([, value]) => {
      const { name, version } = recordOf(value);
      const [own, ofOwn] = [textOf(name), textOf(version)];
      return own === undefined || ofOwn === undefined ? [] : [[own, ofOwn] as const];
    }),
  );
}

function directNeeds(workspaces: unknown, entries: ReadonlyMap<string, unknown>): Parameters<typeof scopesFrom>[0] {
  const needed: string[] = [];
  const optional: string[] = [];
  const dev: string[] = [];
  for (const [, value] of entriesOf(workspaces)) {
    const workspace = recordOf(value);
    const own = textOf(workspace["name"]) ?? "";
    for (const [field, into] of [
      ["dependencies", needed],
      ["peerDependencies", needed],
      ["optionalDependencies", optional],
      ["devDependencies", dev],
    ] as const)
      for (const name of Object.keys(recordOf(workspace[field]))) into.push(...lookUp(entries, own, name));
  }
  return { needed, optional, dev };
}

/** `bun.lockb`, the binary form of older versions, whose layout is an internal matter of Bun. */
export const bunBinaryLock: FileAnalyzer = {
  kind: "file",
  id: "npm/bun-binary-lock",
  revision: 2,
  evidence: "declared",
  matches: [{ basename: "bun.lockb" }],
  async *analyze(file) {
    yield {
      kind: "diagnostic",
      code: "unsupported-format",
      effect: "incomplete",
      message: `${file.path}: the binary lock file of Bun is not read; "bun install --save-text-lockfile" writes one as text`,
      location: { path: file.path },
    };
  },
};
