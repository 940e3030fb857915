import { parseJson, record } from "@plimsoll/formats";
import { BenchmarkError } from "../benchmark/benchmark-error.ts";
import { maskContent, maskEnvironment, maskProcess } from "./mask-secrets.ts";
import type { ClusterFacts, FileFacts, NodeFacts, NodeProcess } from "./node-facts.ts";

/** A snapshot of a node: all facts that benchmarks need, without secrets. */
export interface NodeSnapshot {
  readonly schemaVersion: 1;
  readonly kind: "node-snapshot";
  readonly origin: string;
  readonly hostname?: string;
  readonly kubernetesVersion?: string;
  readonly processesAre?: "running" | "declared";
  readonly processes?: readonly NodeProcess[];
  /** By path; null means that there is no such file. A missing path is unknown, unless the names in its folder are listed. */
  readonly files: Readonly<Record<string, SnapshotFile | null>>;
  /** By unit, without `.service`. */
  readonly journals?: Readonly<Record<string, readonly string[]>>;
  /** Objects by resource, of all namespaces. */
  readonly cluster?: Readonly<Record<string, readonly unknown[]>>;
}

/** One file of a snapshot. */
export interface SnapshotFile extends FileFacts {
  /** Absent: left out. */
  readonly content?: string;
  /** Names inside a folder. */
  readonly names?: readonly string[];
}

/** Facts from a snapshot that {@link recordFacts} or `plimsoll cis snapshot` made. */
export function snapshotFacts(snapshot: NodeSnapshot): NodeFacts {
  const fileAt = (path: string): SnapshotFile | null | undefined => {
    const clean = normal(path);
    if (Object.hasOwn(snapshot.files, clean)) return snapshot.files[clean];
    // A folder whose names are known and that lacks a name has no such file.
    for (let at = clean.lastIndexOf("/"); at >= 0; at = at === 0 ? -1 : clean.lastIndexOf("/", at - 1)) {
      const folder = at === 0 ? "/" : clean.slice(0, at);
      if (!Object.hasOwn(snapshot.files, folder)) continue;
      const known = snapshot.files[folder];
      if (known === null || known === undefined || known.type !== "directory") return null;
      const name = clean.slice(at + 1).split("/", 1)[0] ?? "";
      return known.names === undefined || known.names.includes(name) ? undefined : null;
    }
    return undefined;
  };
  const { cluster, journals } = snapshot;
  return {
    origin: snapshot.origin,
    ...(snapshot.hostname === undefined ? {} : { hostname: snapshot.hostname }),
    ...(snapshot.kubernetesVersion === undefined ? {} : { kubernetesVersion: snapshot.kubernetesVersion }),
    ...(snapshot.processesAre === undefined ? {} : { processesAre: snapshot.processesAre }),
    processes: () => snapshot.processes,
    stat: (path) => {
      const file = fileAt(path);
      return file === undefined || file === null ? file : statOf(file);
    },
    readFile: (path) => {
      const file = fileAt(path);
      if (file === undefined || file === null) return file;
      return file.type === "file" ? file.content : null;
    },
    list: (path) => {
      const file = fileAt(path);
      if (file === undefined || file === null) return file;
      return file.type === "directory" ? file.names : null;
    },
    ...(journals === undefined
      ? {}
      : { journal: (unit: string) => (Object.hasOwn(journals, unit) ? journals[unit] : undefined) }),
    ...(cluster === undefined ? {} : { cluster: clusterOf(cluster) }),
  };
}

/** What a file is, without what is in it. */
function statOf({ type, mode, uid, gid, user, group, size }: FileFacts): FileFacts {
  return {
    type,
    mode,
    uid,
    gid,
    ...(user === undefined ? {} : { user }),
    ...(group === undefined ? {} : { group }),
    ...(size === undefined ? {} : { size }),
  };
}

function clusterOf(objects: Readonly<Record<string, readonly unknown[]>>): ClusterFacts {
  return {
    list: (resource, namespace) => {
      if (!Object.hasOwn(objects, resource)) return undefined;
      const listed = objects[resource] ?? [];
      return namespace === undefined ? listed : listed.filter((object) => namespaceOf(object) === namespace);
    },
  };
}

function namespaceOf(object: unknown): unknown {
  const metadata = (object as { readonly metadata?: { readonly namespace?: unknown } } | null)?.metadata; // Anything else gives undefined.
  return metadata?.namespace;
}

function normal(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return `/${parts.join("/")}`;
}

/** Wraps facts so that everything that is read from them is recorded in a snapshot. */
export function recordFacts(facts: NodeFacts): { readonly facts: NodeFacts; snapshot(): NodeSnapshot } {
  const files = new Map<string, SnapshotFile | null>();
  const journals = new Map<string, readonly string[]>();
  const cluster = new Map<string, readonly unknown[]>();
  let processes: readonly NodeProcess[] | undefined;
  const add = (path: string, extra: Partial<SnapshotFile>): void => {
    const file = files.get(normal(path));
    if (file !== undefined && file !== null) files.set(normal(path), { ...file, ...extra });
  };
  const stat = async (path: string): Promise<FileFacts | null | undefined> => {
    const answer = await facts.stat(path);
    const clean = normal(path);
    if (answer === null || (answer !== undefined && !files.has(clean)))
      files.set(clean, answer === null ? null : statOf(answer));
    return answer;
  };
  const { cluster: known } = facts;
  const recording: NodeFacts = {
    origin: facts.origin,
    ...(facts.hostname === undefined ? {} : { hostname: facts.hostname }),
    ...(facts.kubernetesVersion === undefined ? {} : { kubernetesVersion: facts.kubernetesVersion }),
    ...(facts.processesAre === undefined ? {} : { processesAre: facts.processesAre }),
    processes: async () => (processes = await facts.processes()),
    stat,
    readFile: async (path) => {
      await stat(path);
      const content = await facts.readFile(path);
      if (typeof content === "string") {
        const masked = maskContent(content);
        if (masked !== undefined) add(path, { content: masked });
      }
      return content;
    },
    list: async (path) => {
      await stat(path);
      const names = await facts.list(path);
      if (names !== undefined && names !== null) add(path, { names });
      return names;
    },
    ...(facts.journal === undefined
      ? {}
      : {
          journal: async (unit: string) => {
            const lines = await facts.journal?.(unit);
            // Only lines that say how a component was started are looked for; the others may hold anything.
            if (lines !== undefined)
              journals.set(
                unit,
                lines.filter((line) => /Running kube|Managed etcd/.test(line)),
              );
            return lines;
          },
        }),
    ...(known === undefined
      ? {}
      : {
          cluster: {
            list: async (resource: string, namespace?: string) => {
              const all = await known.list(resource);
              if (all !== undefined && resource !== "secrets") cluster.set(resource, all);
              return namespace === undefined ? all : known.list(resource, namespace);
            },
          },
        }),
  };
  return {
    facts: recording,
    snapshot: () => ({
      schemaVersion: 1,
      kind: "node-snapshot",
      origin: facts.origin,
      ...(facts.hostname === undefined ? {} : { hostname: facts.hostname }),
      ...(facts.kubernetesVersion === undefined ? {} : { kubernetesVersion: facts.kubernetesVersion }),
      ...(facts.processesAre === undefined ? {} : { processesAre: facts.processesAre }),
      ...(processes === undefined
        ? {}
        : {
            processes: processes.map((process) => ({
              ...maskProcess(process),
              ...(process.environment === undefined ? {} : { environment: maskEnvironment(process.environment) }),
            })),
          }),
      files: sorted(files),
      ...(journals.size === 0 ? {} : { journals: sorted(journals) }),
      ...(cluster.size === 0 ? {} : { cluster: sorted(cluster) }),
    }),
  };
}

function sorted<T>(map: ReadonlyMap<string, T>): Readonly<Record<string, T>> {
  return Object.fromEntries([...map].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** Reads the text of a snapshot file. @throws BenchmarkError when it is no snapshot, or has invalid types. */
export function readSnapshot(text: string, path: string): NodeSnapshot {
  let value: unknown;
  try {
    value = parseJson(text);
  } catch (error) {
    throw new BenchmarkError(path, error instanceof Error ? error.message : "is no JSON", { cause: error });
  }
  const refuse = (reason: string): never => {
    throw new BenchmarkError(path, reason);
  };
  const root = record(value) ?? refuse("is no object");
  if (root["kind"] !== "node-snapshot" || root["schemaVersion"] !== 1) refuse("is no node snapshot of version 1");
  const files = record(root["files"]) ?? refuse("files are missing");
  for (const [name, file] of Object.entries(files)) {
    if (file === null) continue;
    const each = record(file) ?? refuse(`the file ${name} is no object`);
    const wrong =
      !["file", "directory", "other"].includes(String(each["type"])) ||
      !["mode", "uid", "gid"].every((key) => Number.isSafeInteger(each[key])) ||
      !["content", "user", "group"].every((key) => each[key] === undefined || typeof each[key] === "string") ||
      !(each["names"] === undefined || isTexts(each["names"]));
    if (wrong) refuse(`the file ${name} has a wrong type, mode, owner, content or names`);
  }
  const { processes, journals, cluster } = root;
  if (processes !== undefined) {
    const right =
      Array.isArray(processes) &&
      processes.every((each) => {
        const process = record(each);
        const environment = process?.["environment"];
        return (
          process !== undefined &&
          Number.isSafeInteger(process["pid"]) &&
          isTexts(process["arguments"]) &&
          (environment === undefined || isTexts(Object.values(record(environment) ?? { wrong: 0 })))
        );
      });
    if (!right) refuse("processes have wrong pids, arguments or environments");
  }
  if (journals !== undefined && !Object.values(record(journals) ?? { wrong: 0 }).every(isTexts))
    refuse("journals are no lists of lines");
  if (cluster !== undefined && !Object.values(record(cluster) ?? { wrong: 0 }).every(Array.isArray))
    refuse("cluster holds no lists of objects");
  for (const key of ["origin", "hostname", "kubernetesVersion"])
    if (root[key] !== undefined && typeof root[key] !== "string") refuse(`${key} is no text`);
  return { origin: "snapshot", ...root } as unknown as NodeSnapshot; // Every member was checked above.
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}
