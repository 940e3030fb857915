import { shape } from "@plimsoll/formats";
import type { Steps } from "@plimsoll/formats";
import { inTurns, workDone } from "@plimsoll/model";
import type { FileAnalyzer, Observation, Origin } from "@plimsoll/model";
import { malformedFile } from "../shared/reading/malformed-file.ts";
import { entriesOf, isRecord, recordOf, textOf } from "../shared/reading/untrusted.ts";
import { addTo } from "../shared/reading/multi-map.ts";
import { hashesOf } from "./integrity.ts";
import { tooManyEntries } from "../shared/reading/value-limit.ts";
import { yamlEntriesInTurns } from "../shared/reading/yaml-in-turns.ts";
import { scopesSteps } from "../shared/reading/reachable-scopes.ts";
import type { DirectNeeds, ScopeOf } from "../shared/reading/reachable-scopes.ts";
import { recognized } from "../shared/reading/recognized-file.ts";
import { elsewhere, originOf } from "../shared/names/elsewhere.ts";
import { wrongYamlSteps } from "../shared/reading/wrong-parts.ts";

const references = shape.entries(shape.either(shape.text, shape.texts("version")));
const needs = { dependencies: references, optionalDependencies: references };
const importer = { ...needs, devDependencies: references };
const lockShape = shape.fields({
  ...importer,
  packages: shape.entries(
    shape.fields({
      ...needs,
      name: shape.text,
      version: shape.text,
      // What is only compared.
      dev: shape.anything,
      optional: shape.anything,
      resolution: shape.texts("repo", "tarball", "directory", "integrity"),
    }),
  ),
  snapshots: shape.entries(shape.fields(needs)),
  importers: shape.entries(shape.fields(importer)),
});

/** `pnpm-lock.yaml` of lock file versions 5 to 9 (https://github.com/pnpm/spec/tree/master/lockfile). */
export const pnpmLock: FileAnalyzer = recognized(
  {
    kind: "file",
    id: "npm/pnpm-lock",
    revision: 6,
    evidence: "declared",
    matches: [{ basename: "pnpm-lock.yaml" }],
    maxBytes: 128 * 1024 * 1024,
    readsByEntries: true,
    async *analyze(file) {
      const text = await file.text();
      const read = await yamlEntriesInTurns(file, text, lockShape);
      if ("problem" in read) return yield read.problem;
      const documents = read.value.filter((document) => document !== null && document !== "");
      if (!documents.every(isRecord)) return yield malformedFile(file, "not a mapping");
      const { yamlKeyLinesSteps } = await import("@plimsoll/formats/yaml");
      const lines = await inTurns(yamlKeyLinesSteps(text, "packages"));
      for (const document of documents) {
        const tooMany = tooManyEntries(file, sizeOf(document["packages"]) + sizeOf(document["snapshots"]));
        if (tooMany !== undefined) return yield tooMany;
        yield* await inTurns(wrongYamlSteps(file, document, lockShape));
        for await (const observation of observeLock(document, lines))
          yield "detail" in observation ? malformedFile(file, observation.detail, observation.line) : observation;
      }
    },
  },
  /lockfileVersion/,
);

function sizeOf(entries: unknown): number {
  return isRecord(entries) ? Object.keys(entries).length : 0;
}

interface Problem {
  readonly detail: string;
  readonly line: number | undefined;
}

interface PnpmEntry {
  readonly name: string;
  readonly version: string;
  readonly raw: Readonly<Record<string, unknown>>;
  readonly line: number | undefined;
}

/** To understand what is written of an entry, or of one of its references, takes about as long as looking at so many bytes. */
const bytesPerEntry = 256;
const bytesPerReference = 512;

async function* observeLock(
  document: Readonly<Record<string, unknown>>,
  lines: ReadonlyMap<string, number>,
): AsyncGenerator<Observation | Problem> {
  const entries = new Map<string, PnpmEntry>();
  const ids = new Map<string, string>();
  let isFlagged = false;
  for (const [path, value] of entriesOf(document["packages"])) {
    // To wait for nothing takes its time, too.
    const turn = workDone(bytesPerEntry);
    if (turn !== undefined) await turn;
    const raw = recordOf(value);
    const line = lines.get(path);
    const parsed = parseDependencyPath(path);
    const name = textOf(raw["name"]) ?? parsed?.name ?? /^((?:@[^/@]+\/)?[^/@]+)@/.exec(path)?.[1];
    const version = textOf(raw["version"]) ?? parsed?.version;
    if (name === undefined || version === undefined) {
      yield { detail: `the key ${path.slice(0, 80)} names no package and version`, line };
      continue;
    }
    const id = `${name}@${version}`;
    ids.set(path, id);
    if (entries.has(id)) continue;
    entries.set(id, { name, version, raw, line });
    isFlagged ||= raw["dev"] !== undefined;
  }
  const graph = await inTurns(graphSteps(document, ids));
  for (const [id, { name, version, raw, line }] of entries) {
    const dependsOn = graph.edges(id);
    const turn = workDone(bytesPerEntry + dependsOn.length * bytesPerReference);
    if (turn !== undefined) await turn;
    const { scope, relationship } = graph.scopeOf(id);
    const ownScope = isFlagged ? flaggedScope(raw) : scope;
    const resolution = recordOf(raw["resolution"]);
    const from = textOf(resolution["repo"]) ?? textOf(resolution["tarball"]) ?? textOf(resolution["directory"]);
    const origin = pnpmOrigin(resolution);
    const hashes = hashesOf(textOf(resolution["integrity"]));
    yield {
      kind: "package",
      package: {
        name,
        version,
        key: id,
        ...(relationship === undefined ? {} : { relationship }),
        ...(ownScope === undefined ? {} : { scope: ownScope }),
        ...(dependsOn.length === 0 ? {} : { dependsOn }),
        ...(hashes === undefined ? {} : { hashes }),
        ...(origin === undefined ? {} : elsewhere(origin, from)),
      },
      ...(line === undefined ? {} : { line }),
    };
  }
}

/** A tarball is written where a registry's address is not the usual one, too: then it lies where registries keep them. */
function pnpmOrigin(resolution: Readonly<Record<string, unknown>>): Origin | undefined {
  if (textOf(resolution["repo"]) !== undefined) return "repository";
  if (textOf(resolution["directory"]) !== undefined) return "path";
  const tarball = textOf(resolution["tarball"]);
  return tarball === undefined || /\/-\/[^/]+\.tgz$/.test(tarball) ? undefined : originOf(tarball);
}

/** Versions 5 and 6 say it of each package. */
function flaggedScope(raw: Readonly<Record<string, unknown>>): "dev" | "optional" | undefined {
  if (raw["dev"] === "true") return "dev";
  return raw["optional"] === "true" ? "optional" : undefined;
}

/**
 * Name and version of a dependency path: `/name/1.0.0_peer@2` of version 5, `/name@1.0.0(peer@2)` of version 6, without the
 * slash in version 9; a registry's host may come first. Undefined when there is no version, as for archives and directories.
 */
export function parseDependencyPath(path: string): { readonly name: string; readonly version: string } | undefined {
  const paren = path.indexOf("(");
  const plain = paren === -1 ? path : path.slice(0, paren);
  const [, name, version] =
    /^(?:[^/@]*\/)?((?:@[^/@]+\/)?[^/@]+)[@/](\d[^/_]*)(?:[/_].*)?$/.exec(plain) ??
    /^\/?((?:@[^/@]+\/)?[^/@]+)@(\d[^/_]*)(?:[/_].*)?$/.exec(plain) ??
    [];
  return name === undefined || version === undefined ? undefined : { name, version };
}

type Ids = ReadonlyMap<string, string>;

interface Graph {
  /** Ids that a package leads to, whatever peers it is resolved with. */
  edges(id: string): readonly string[];
  scopeOf(id: string): ReturnType<ScopeOf>;
}

/**
 * Dependencies stand in `packages`, since version 9 in `snapshots`, where one package may stand once for each set of peers:
 * those are followed one by one, so that a set used in development only does not count elsewhere.
 */
function* graphSteps(document: Readonly<Record<string, unknown>>, ids: Ids): Steps<Graph> {
  const nodes = new Map<string, Readonly<Record<string, unknown>>>();
  for (const section of ["packages", "snapshots"])
    for (const [path, value] of entriesOf(document[section])) {
      const before = nodes.get(path);
      nodes.set(path, before === undefined ? recordOf(value) : { ...before, ...recordOf(value) });
      yield bytesPerEntry;
    }
  const idOf = (path: string): string | undefined => ids.get(path) ?? ids.get(withoutPeers(path));
  const targets = new Map<string, readonly string[]>();
  const byId = new Map<string, string[]>();
  for (const [path, value] of nodes) {
    const id = idOf(path);
    if (id === undefined) continue;
    addTo(byId, id, path);
    const found = [
      ...(yield* referencesSteps(nodes, value, "dependencies")),
      ...(yield* referencesSteps(nodes, value, "optionalDependencies")),
    ];
    targets.set(path, found);
  }
  const scopeOfNode = yield* scopesSteps(yield* directNeeds(document, nodes), (path) => targets.get(path) ?? []);
  return {
    edges: (id) => [
      ...new Set((byId.get(id) ?? []).flatMap((path) => targets.get(path) ?? []).flatMap((path) => idOf(path) ?? [])),
    ],
    scopeOf: (id) => strongest(ownNodes(byId.get(id) ?? []).map(scopeOfNode)),
  };
}

/** The bare path of a package whose dependencies stand under its sets of peers is asked for by nobody. */
function ownNodes(paths: readonly string[]): readonly string[] {
  const withPeers = paths.filter((path) => path.includes("("));
  return withPeers.length === 0 ? paths : withPeers;
}

/** Needed anywhere is needed, direct anywhere is direct. */
function strongest(scopes: readonly ReturnType<ScopeOf>[]): ReturnType<ScopeOf> {
  const needed =
    scopes.find(({ scope }) => scope === undefined) ?? scopes.find(({ scope }) => scope === "optional") ?? scopes[0];
  const relationship = scopes.some((one) => one.relationship === "direct") ? "direct" : "indirect";
  return { ...needed, relationship };
}

function withoutPeers(path: string): string {
  const paren = path.indexOf("(");
  return paren === -1 ? path : path.slice(0, paren);
}

/** The paths behind references such as `1.0.0(peer@2)`, `/other@2.0.0` or an archive's address. */
function* referencesSteps(
  nodes: ReadonlyMap<string, unknown>,
  from: Readonly<Record<string, unknown>>,
  field: string,
): Steps<readonly string[]> {
  const found: string[] = [];
  for (const [name, value] of entriesOf(from[field])) {
    const reference = textOf(isRecord(value) ? value["version"] : value) ?? "";
    const path = pathBehind(nodes, name, reference) ?? pathBehind(nodes, name, withoutPeers(reference));
    if (path !== undefined) found.push(path);
    yield bytesPerReference;
  }
  return found;
}

function pathBehind(nodes: ReadonlyMap<string, unknown>, name: string, reference: string): string | undefined {
  const forms = [`${name}@${reference}`, `/${name}@${reference}`, `/${name}/${reference}`, reference, `/${reference}`];
  return forms.find((form) => nodes.has(form));
}

/** What the project, or each member of its workspace, asks for. */
function* directNeeds(
  document: Readonly<Record<string, unknown>>,
  nodes: ReadonlyMap<string, unknown>,
): Steps<DirectNeeds> {
  const importers = [document, ...entriesOf(document["importers"]).map(([, importer]) => recordOf(importer))];
  return {
    needed: yield* neededBy(importers, nodes, "dependencies"),
    optional: yield* neededBy(importers, nodes, "optionalDependencies"),
    dev: yield* neededBy(importers, nodes, "devDependencies"),
  };
}

function* neededBy(
  importers: readonly Readonly<Record<string, unknown>>[],
  nodes: ReadonlyMap<string, unknown>,
  field: string,
): Steps<readonly string[]> {
  const needed: string[] = [];
  for (const importer of importers)
    for (const path of yield* referencesSteps(nodes, importer, field)) needed.push(path);
  return needed;
}
