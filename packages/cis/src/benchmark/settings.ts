import { BenchmarkError } from "./benchmark-error.ts";
import { openDocument } from "./controls.ts";
import type { DocumentPath, ScalarReader } from "./controls.ts";

/** Candidates for one component of a node: the first one that runs or exists is used. */
export interface ComponentSettings {
  /** Whether the component may be missing. */
  readonly optional: boolean;
  readonly bins: readonly string[];
  readonly files: Readonly<Record<FileKind, { readonly candidates: readonly string[]; readonly fallback?: string }>>;
}

/** Kinds of files that checks name: `$kubeletconf`, `$kubeletsvc`, `$kubeletkubeconfig`, `$kubeletcafile`, `$etcddatadir`. */
export type FileKind = "conf" | "svc" | "kubeconfig" | "cafile" | "datadir";

/** The keys of kube-bench's configuration for each kind of file. */
const fileKeys: Readonly<Record<FileKind, readonly [candidates: string, fallback: string]>> = {
  conf: ["confs", "defaultconf"],
  svc: ["svc", "defaultsvc"],
  kubeconfig: ["kubeconfig", "defaultkubeconfig"],
  cafile: ["cafile", "defaultcafile"],
  datadir: ["datadirs", "defaultdatadir"],
};

export const fileKinds: readonly FileKind[] = ["conf", "svc", "kubeconfig", "cafile", "datadir"];

/** The settings in kube-bench's `config.yaml`: components by kind of node, versions and targets by benchmark. */
export interface BenchmarkSettings {
  /** By target, in the order of `components`. */
  readonly targets: ReadonlyMap<string, ReadonlyMap<string, ComponentSettings>>;
  /** Kubernetes minor version or platform version to benchmark. */
  readonly versionMapping: ReadonlyMap<string, string>;
  /** Benchmark to the targets it has. */
  readonly targetMapping: ReadonlyMap<string, readonly string[]>;
}

const targetNames = ["master", "node", "etcd", "controlplane", "policies", "managedservices"] as const;

/**
 * Reads kube-bench's `config.yaml`; `overrides` is the one of a single benchmark, whose lists and values replace those of the first.
 * @throws BenchmarkError when one is no YAML or has invalid types.
 */
export function readSettings(
  text: string,
  path: string,
  overrides?: { text: string; path: string },
): BenchmarkSettings {
  const readers = [openSettings(text, path)];
  if (overrides !== undefined) readers.unshift(openSettings(overrides.text, overrides.path));
  const filled = readers.filter((reader) => reader !== undefined);
  const holding = (at: DocumentPath): ScalarReader | undefined => filled.find((reader) => reader.has(at));
  const targets = new Map<string, ReadonlyMap<string, ComponentSettings>>();
  for (const target of targetNames) {
    if (holding([target]) === undefined) continue;
    const components = new Map<string, ComponentSettings>();
    for (const name of holding([target, "components"])?.texts([target, "components"]) ?? []) {
      const settings = readComponent(holding, [target, name]);
      if (settings !== undefined) components.set(name, settings);
    }
    targets.set(target, components);
  }
  return {
    targets,
    versionMapping: new Map(
      mergedKeys(filled, "version_mapping").map((key) => [
        key,
        holding(["version_mapping", key])?.text(["version_mapping", key]) ?? "",
      ]),
    ),
    targetMapping: new Map(
      mergedKeys(filled, "target_mapping").map((key) => [
        key,
        holding(["target_mapping", key])?.texts(["target_mapping", key]) ?? [],
      ]),
    ),
  };
}

/** A file that only holds comments says nothing. */
function openSettings(text: string, path: string): ScalarReader | undefined {
  if (text.split("\n").every((line) => /^\s*(#.*|---\s*|)$/.test(line))) return undefined;
  const reader = openDocument(text, path);
  if (reader.mapping([]) === undefined) throw new BenchmarkError(path, "is no mapping");
  return reader;
}

function mergedKeys(readers: readonly ScalarReader[], section: string): readonly string[] {
  const keys = new Set<string>();
  for (const reader of readers.toReversed())
    for (const key of Object.keys(reader.mapping([section]) ?? {})) keys.add(key);
  return [...keys];
}

function readComponent(
  holding: (at: DocumentPath) => ScalarReader | undefined,
  at: DocumentPath,
): ComponentSettings | undefined {
  if (holding(at) === undefined) return undefined;
  const texts = (key: string): readonly string[] => holding([...at, key])?.texts([...at, key]) ?? [];
  const files = Object.fromEntries(
    fileKinds.map((kind) => {
      const [candidates, fallback] = fileKeys[kind];
      const reader = holding([...at, fallback]);
      return [
        kind,
        {
          candidates: texts(candidates),
          ...(reader === undefined ? {} : { fallback: reader.text([...at, fallback]) }),
        },
      ];
    }),
  ) as ComponentSettings["files"]; // Made from every kind.
  return {
    optional: holding([...at, "optional"])?.boolean([...at, "optional"], false) ?? false,
    bins: texts("bins"),
    files,
  };
}
